package local_test

import (
	"slices"
	"strings"
	"testing"
)

// TestQueuesAndTopicsAreReachedOverTLSOnly looks for the statement that denies every
// queue and topic to whoever comes without
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html,
// https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html).
func TestQueuesAndTopicsAreReachedOverTLSOnly(t *testing.T) {
	denied := make(map[string]string) // actions by resource
	for _, s := range statements(t, "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy") {
		if s["Effect"] == "Deny" && rendered(s["Principal"]) == "*" && rendered(s["Condition"]) == "Bool aws:SecureTransport false" {
			for target := range strings.SplitSeq(rendered(s["Resource"]), ", ") {
				denied[target] = rendered(s["Action"])
			}
		}
	}
	wanted := map[string]string{"AWS::SQS::Queue": "sqs:*", "AWS::SNS::Topic": "sns:Publish"}
	for id, r := range resources(t) {
		target := id
		if r.kind == "AWS::SQS::Queue" {
			target += ".Arn"
		}
		if want := wanted[r.kind]; want != "" && denied[target] != want {
			t.Errorf("%s: denied without TLS is %q, want %q", id, denied[target], want)
		}
	}
}

func TestTopicsAreEncryptedWithAKeyThatAlarmsMayUse(t *testing.T) {
	const alarms = "ArnLike aws:SourceArn arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*; StringEquals aws:SourceAccount AWS::AccountId"
	all := resources(t)
	for id, r := range all {
		if r.kind != "AWS::SNS::Topic" {
			continue
		}
		key := all[rendered(r.properties["KmsMasterKeyId"])]
		if key.kind != "AWS::KMS::Key" {
			t.Fatalf("%s has no key of its own", id)
		}
		policy, _ := key.properties["KeyPolicy"].(map[string]any)
		for _, want := range []struct {
			action  string
			granted []map[string]any
			// condition is the one that AWS documents for alarms. It has none for the
			// key (https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns),
			// and one that CloudWatch does not meet would silence every alarm.
			condition any
		}{
			{"kms:Decrypt, kms:GenerateDataKey*", statementsOf(policy), nil},
			{"sns:Publish", statements(t, "AWS::SNS::TopicPolicy"), alarms},
		} {
			if !slices.ContainsFunc(want.granted, func(s map[string]any) bool {
				return s["Effect"] == "Allow" && rendered(s["Principal"]) == "Service cloudwatch.amazonaws.com" &&
					rendered(s["Action"]) == want.action && rendered(s["Condition"]) == rendered(want.condition)
			}) {
				t.Errorf("%s: alarms should be allowed %s if %v: %v", id, want.action, want.condition, want.granted)
			}
		}
	}
}

// statements returns those of all policies of the kinds.
func statements(t *testing.T, kinds ...string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, r := range resources(t) {
		if policy, ok := r.properties["PolicyDocument"].(map[string]any); ok && slices.Contains(kinds, r.kind) {
			all = append(all, statementsOf(policy)...)
		}
	}
	if len(all) == 0 {
		t.Fatalf("template.yaml has no %v", kinds)
	}
	return all
}

func statementsOf(policy map[string]any) []map[string]any {
	var all []map[string]any
	list, _ := policy["Statement"].([]any)
	for _, s := range list {
		all = append(all, s.(map[string]any)) //nolint:forcetypeassert // a statement is an object
	}
	return all
}

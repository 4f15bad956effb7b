package local_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/dev/local"
)

// TestTutorialRuleMatchesOnboardedUsers deploys the example stack and puts events on
// the bus, most of which the rule is to leave alone. A queue takes the place of
// StartTutorial, which moto's EventBridge cannot start.
func TestTutorialRuleMatchesOnboardedUsers(t *testing.T) {
	needsStep(t, analyticsState) // whose golden event is put here
	a := startAWS(t)
	queue := deployRule(t, a)
	skipped := map[string]string{"status": "skipped", "reason": "user not found"}
	for _, test := range []struct {
		name, source, detailType string
		changed                  map[string]any
		want                     int
	}{
		{"onboarded", "onboarding", "UserOnboarded", nil, 1},
		{"not mailed", "onboarding", "UserOnboarded", map[string]any{"email": skipped}, 1},
		{"with a new member", "onboarding", "UserOnboarded", map[string]any{"plan": "free"}, 1},
		{"without a group", "onboarding", "UserOnboarded", map[string]any{"group": skipped}, 0},
		{"of another pool", "onboarding", "UserOnboarded", map[string]any{"userPoolId": "us-east-1_Other0001"}, 0},
		{"of another version", "onboarding", "UserOnboarded", map[string]any{"version": "2"}, 0},
		{"of another type", "onboarding", "UserLeft", nil, 0},
		{"of another source", "tutorial", "UserOnboarded", nil, 0},
	} {
		putEvent(t, a, test.source, test.detailType, test.changed)
		if got := received(t, a, queue); got != test.want {
			t.Errorf("event %s: delivered %d times, want %d", test.name, got, test.want)
		}
	}
}

// deployRule deploys the example stack, and returns the URL of the queue that its rule
// delivers to.
func deployRule(t *testing.T, a *local.AWS) (queue string) {
	t.Helper()
	name := aws.String("tutorial")
	made, err := sqs.NewFromConfig(a.Config()).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: name})
	if err != nil {
		t.Fatal(err)
	}
	stacks := cloudformation.NewFromConfig(a.Config())
	if _, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: name, TemplateBody: aws.String(exampleTemplate(t, "arn:aws:sqs:us-east-1:123456789012:tutorial")),
		Parameters: []cfntypes.Parameter{
			{ParameterKey: aws.String("UserPoolId"), ParameterValue: &a.Stack.UserPoolID},
			{ParameterKey: aws.String("ProfileTableName"), ParameterValue: aws.String(a.PhysicalID("ProfileTable"))},
		},
		Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityIam},
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := stacks.DeleteStack(context.Background(), &cloudformation.DeleteStackInput{StackName: name}); err != nil {
			t.Errorf("delete the example: %v", err)
		}
	})
	return *made.QueueUrl
}

// exampleTemplate returns the template of the example in plain CloudFormation, with
// another target for its rule.
func exampleTemplate(t *testing.T, target string) string {
	t.Helper()
	plain, err := exec.CommandContext(t.Context(), "../../../.tools/local/bin/python", "translate.py", "../../examples/tutorial/template.yaml").Output()
	if err != nil {
		t.Fatal(err)
	}
	whole := decoded(t, string(plain))
	node := whole
	for _, member := range []string{"Resources", "OnboardedRule", "Properties"} {
		node, _ = node[member].(map[string]any)
	}
	if node["Targets"] == nil {
		t.Fatal("the example has no rule with a target")
	}
	node["Targets"] = []any{map[string]string{"Id": "Queue", "Arn": target}}
	return marshal(t, whole)
}

// putEvent puts an event with the golden detail, of a user of the pool, on the bus.
func putEvent(t *testing.T, a *local.AWS, source, detailType string, changed map[string]any) {
	t.Helper()
	golden, err := os.ReadFile("../../../steps/recordanalytics/testdata/detail.json")
	if err != nil {
		t.Fatal(err)
	}
	var detail map[string]any
	if err := json.Unmarshal(golden, &detail); err != nil {
		t.Fatal(err)
	}
	detail["userPoolId"] = a.Stack.UserPoolID
	maps.Copy(detail, changed)
	out, err := eventbridge.NewFromConfig(a.Config()).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: &source, DetailType: &detailType, Detail: aws.String(marshal(t, detail)),
	}}})
	if err != nil || out.FailedEntryCount > 0 {
		t.Fatalf("put %v: %+v, %v", detail, out, err)
	}
}

// received takes the messages out of the queue, and returns how many they are.
func received(t *testing.T, a *local.AWS, queue string) int {
	t.Helper()
	out, err := sqs.NewFromConfig(a.Config()).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &queue, MaxNumberOfMessages: 10, VisibilityTimeout: 3600,
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(out.Messages)
}

package doctor

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

func TestStackStatus(t *testing.T) {
	for status, want := range map[types.StackStatus]string{
		types.StackStatusCreateComplete: "ok", types.StackStatusUpdateComplete: "ok",
		types.StackStatusUpdateRollbackComplete: "warning", types.StackStatusUpdateInProgress: "warning", types.StackStatusRollbackFailed: "warning",
	} {
		k := healthyStack()
		k.status = status
		if got := summary(t, checkStatus(k)); !strings.HasPrefix(got, want) || !strings.Contains(got, string(status)) {
			t.Errorf("%s: found %q, want %s", status, got, want)
		}
	}
}

type tableFunc func(name string) (dynamodbtypes.TableStatus, error)

func (f tableFunc) DescribeTable(_ context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	status, err := f(*in.TableName)
	return &dynamodb.DescribeTableOutput{Table: &dynamodbtypes.TableDescription{TableStatus: status}}, err
}

// TestEveryTableOfTheStack has a second table whose status the case gives.
func TestEveryTableOfTheStack(t *testing.T) {
	k := healthyStack()
	k.resources = append(k.resources, types.StackResource{
		ResourceType: aws.String("AWS::DynamoDB::Table"), LogicalResourceId: aws.String("ProfileTable"), PhysicalResourceId: aws.String("profiles"),
	})
	for _, test := range []struct {
		status dynamodbtypes.TableStatus
		err    error
		want   string
	}{
		{dynamodbtypes.TableStatusActive, nil, ""},
		{dynamodbtypes.TableStatusUpdating, nil, ""},
		{dynamodbtypes.TableStatusDeleting, nil, "fault: the table profiles is DELETING"},
		{"", opstest.APIError("ResourceNotFoundException"), "fault: the table profiles was deleted"},
	} {
		api := tableFunc(func(name string) (dynamodbtypes.TableStatus, error) {
			if name == "profiles" {
				return test.status, test.err
			}
			return dynamodbtypes.TableStatusActive, nil
		})
		found, err := checkTables(t.Context(), api, k)
		if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s, %v: found %q, %v; want %q", test.status, test.err, got, err, test.want)
		}
	}
	denied := tableFunc(func(string) (dynamodbtypes.TableStatus, error) { return "", opstest.APIError("AccessDeniedException") })
	if _, err := checkTables(t.Context(), denied, k); err == nil {
		t.Error("a denied call is no error")
	}
}

// rules are one rule with its targets.
type rules struct {
	state   eventbridgetypes.RuleState
	targets []string
	err     error
}

func (r rules) DescribeRule(context.Context, *eventbridge.DescribeRuleInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeRuleOutput, error) {
	return &eventbridge.DescribeRuleOutput{State: r.state}, r.err
}

func (r rules) ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error) {
	out := new(eventbridge.ListTargetsByRuleOutput)
	for _, arn := range r.targets {
		out.Targets = append(out.Targets, eventbridgetypes.Target{Arn: &arn})
	}
	return out, nil
}

func TestEventRules(t *testing.T) {
	const group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/onboarding"
	for _, test := range []struct {
		name  string
		rules rules
		want  string
	}{
		{"delivers", rules{eventbridgetypes.RuleStateEnabled, []string{"other", group}, nil}, ""},
		{"delivers to the group's streams", rules{eventbridgetypes.RuleStateEnabled, []string{group + ":*"}, nil}, ""},
		{"disabled", rules{eventbridgetypes.RuleStateDisabled, []string{group}, nil}, "aws events enable-rule --name analytics\n"},
		{"no target", rules{eventbridgetypes.RuleStateEnabled, nil, nil}, "aws events put-targets --rule analytics --targets Id=AnalyticsLogGroup,Arn=" + group + "\n"},
		{"another target", rules{eventbridgetypes.RuleStateEnabled, []string{group + "-2"}, nil}, "put-targets"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkEvents(t.Context(), test.rules, healthyStack())
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.HasSuffix(got, test.want) && !strings.Contains(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if _, err := checkEvents(t.Context(), rules{err: opstest.APIError("AccessDeniedException")}, healthyStack()); err == nil {
		t.Error("a denied call is no error")
	}
	k := healthyStack()
	k.resources = slices.DeleteFunc(k.resources, func(r types.StackResource) bool { return *r.LogicalResourceId == "AnalyticsLogGroup" })
	for want, targets := range map[string][]string{"": {"other"}, "has no target": nil} {
		found, err := checkEvents(t.Context(), rules{eventbridgetypes.RuleStateEnabled, targets, nil}, k)
		if got := summary(t, found); err != nil || (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("targets %v, no log group: found %q, %v; want %q", targets, got, err, want)
		}
	}
	k.resources = nil
	if found, err := checkEvents(t.Context(), rules{}, k); err != nil || summary(t, found) != "ok: the stack has none | \n" {
		t.Errorf("no rules: found %v, %v", found, err)
	}
}

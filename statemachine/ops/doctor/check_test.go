package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// healthyStack is a stack whose resources are named after their logical IDs.
func healthyStack() *stack {
	k := &stack{
		name: "onboarding", status: types.StackStatusCreateComplete,
		id:         arn.ARN{Partition: "aws", Service: "cloudformation", Region: "us-east-1", AccountID: "123456789012", Resource: "stack/onboarding/1"},
		parameters: map[string]string{"SenderEmail": "welcome@mail.example.com", "DefaultGroup": "members"},
		outputs:    map[string]string{"UserPoolId": opstest.PoolID, "TriggerFunctionArn": opstest.FunctionARN},
	}
	for _, r := range [][3]string{
		{"AWS::Lambda::Function", "TriggerFunction", "trigger"},
		{"AWS::Lambda::Function", "StartDeferredFunction", "startdeferred"},
		{"AWS::Lambda::Function", "StepFunction", "step"},
		{"AWS::SQS::Queue", "DeferredStartQueue", "https://sqs.us-east-1.amazonaws.com/123456789012/starts"},
		{"AWS::SQS::Queue", "DeferredStartDeadLetterQueue", "https://sqs.us-east-1.amazonaws.com/123456789012/dead"},
		{"AWS::SQS::Queue", "AnalyticsDeadLetterQueue", "https://sqs.us-east-1.amazonaws.com/123456789012/events"},
		{"AWS::StepFunctions::StateMachine", "OnboardingStateMachine", opstest.MachineARN},
		{"AWS::StepFunctions::StateMachine", "SweepStateMachine", "sweeper"},
		{"AWS::DynamoDB::Table", "DeliveryTable", "deliveries"},
		{"AWS::Events::Rule", "AnalyticsRule", "analytics"},
		{"AWS::Logs::LogGroup", "AnalyticsLogGroup", "/aws/events/onboarding"},
		{"AWS::SES::ConfigurationSet", "MailConfigurationSet", "onboarding-mail"},
		{"AWS::SNS::Topic", "AlarmTopic", "arn:aws:sns:us-east-1:123456789012:alarms"},
	} {
		k.resources = append(k.resources, types.StackResource{ResourceType: &r[0], LogicalResourceId: &r[1], PhysicalResourceId: &r[2]})
	}
	return k
}

// describes returns a pool.
func describes(p *cognitotypes.UserPoolType, err error) poolFunc {
	return func() (*cognitotypes.UserPoolType, error) { return p, err }
}

// operationError is an error as the SDK returns it.
func operationError(service, operation, code string) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: opstest.APIError(code)}
}

// summary returns the verdicts and the mends, and checks that each finding but those
// that are ok has both of its lines, and no other.
func summary(t *testing.T, found []Finding) string {
	t.Helper()
	var text strings.Builder
	for _, f := range found {
		fmt.Fprintf(&text, "%s: %s | %s\n", f.Verdict, f.Found, f.Mend)
		if f.Verdict != OK && (f.Found == "" || f.Mend == "") {
			t.Errorf("%+v does not say what was found, or how to mend it", f)
		}
	}
	return text.String()
}

func TestFailedCallLeavesTheOtherChecks(t *testing.T) {
	found := runChecks(t.Context(), []check{
		{"denied", func(context.Context) ([]Finding, error) {
			return nil, fmt.Errorf("look: %w", operationError("SESv2", "GetAccount", "AccessDeniedException"))
		}},
		{"broken", func(context.Context) ([]Finding, error) { return nil, errors.New("no\nnetwork") }},
		{"half", func(context.Context) ([]Finding, error) {
			return []Finding{fault("found", "mend")}, operationError("SQS", "GetQueueAttributes", "AccessDenied")
		}},
		{"gone", func(context.Context) ([]Finding, error) {
			return nil, operationError("SFN", "DescribeStateMachine", "StateMachineDoesNotExist")
		}},
		{"old stack", func(context.Context) ([]Finding, error) { return nil, &noResourceError{"onboarding", "Trigger"} }},
		{"fine", func(context.Context) ([]Finding, error) { return nil, nil }},
	})
	want := []Finding{
		{"denied", Unknown, "access denied", "allow ses:GetAccount to whoever runs this"},
		{"broken", Unknown, "no network", "run it again"},
		{"half", Fault, "found", "mend"},
		{"half", Unknown, "access denied", "allow sqs:GetQueueAttributes to whoever runs this"},
		{"gone", Fault, "", ""},
		{"old stack", Unknown, "the stack onboarding has no resource Trigger: another version is deployed", "sam build && sam deploy"},
		{"fine", OK, "", ""},
	}
	found[4].Found, found[4].Mend = "", ""
	if fmt.Sprint(found) != fmt.Sprint(want) {
		t.Errorf("found\n%v\nwant\n%v", found, want)
	}
}

func TestWordsAreQuotedForTheShell(t *testing.T) {
	for word, want := range map[string]string{
		"members": "members", "arn:aws:sqs:us-east-1:1:q": "arn:aws:sqs:us-east-1:1:q", "a$(b)": `'a$(b)'`, "it's": `'it'\''s'`, "": "''",
	} {
		if got := quote(word); got != want {
			t.Errorf("quote(%q) = %s, want %s", word, got, want)
		}
	}
}

package resend

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

func TestCauseIsWhatIsKnownOfTheFormerMail(t *testing.T) {
	verified := &person.User{Enabled: true, Status: types.UserStatusTypeConfirmed, Email: "jane@example.com", Verified: true}
	skipped := record.Record{OnboardedAt: opstest.Now, Steps: map[string]record.Step{person.MailState: {Status: "skipped", Execution: "e"}}}
	sent, attempted := record.Record{MessageID: "m", Attempt: "a"}, record.Record{Attempt: "a"}
	failed := []execution.Execution{{Status: sfntypes.ExecutionStatusFailed}}
	running := []execution.Execution{{Status: sfntypes.ExecutionStatusRunning}}
	for _, test := range []struct {
		name, want string // the cause, or a part of the error
		person     person.Person
		begun, ok  bool
	}{
		{"sent", "resend after m", person.Person{User: verified, Record: sent}, false, true},
		{"sent again", "resend after m", person.Person{User: verified, Record: sent, Resend: "resend after l"}, false, true},
		{"attempted", "resend after a", person.Person{User: verified, Record: attempted, Deadline: opstest.Now}, false, true},
		{"skipped", "resend after e", person.Person{User: verified, Record: skipped}, false, true},
		{"begun", "resend after m", person.Person{User: verified, Resend: "resend after m"}, true, true},
		{"begun and stopped", "ops onboard", person.Person{User: verified, Resend: "resend after m", Executions: failed}, false, false},
		{"being sent", "being sent", person.Person{User: verified, Record: attempted, Deadline: opstest.Now.Add(time.Second)}, false, false},
		{"running", "wait", person.Person{User: verified, Record: sent, Executions: running}, false, false},
		{"never mailed", "ops onboard", person.Person{User: verified}, false, false},
		{"deleted", "pool", person.Person{Record: sent}, false, false},
		{"disabled", "disabled", person.Person{User: &person.User{Status: types.UserStatusTypeConfirmed}, Record: sent}, false, false},
		{"unverified", "verified", person.Person{User: &person.User{Enabled: true, Status: types.UserStatusTypeConfirmed, Email: "jane@example.com"}, Record: sent}, false, false},
	} {
		cause, begun, err := causeOf(&test.person, opstest.Now)
		if err != nil {
			cause = err.Error()
		}
		if (err == nil) != test.ok || begun != test.begun || !strings.Contains(cause, test.want) || strings.Contains(cause, "@") {
			t.Errorf("%s: %q, begun %t, %v; want %q", test.name, cause, begun, err, test.want)
		}
	}
}

type updateFunc func(*dynamodb.UpdateItemInput) error

func (f updateFunc) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, f(in)
}

func TestOnlyTheMailThatWasReadIsForgotten(t *testing.T) {
	p := &person.Person{Key: "k", Record: record.Record{MessageID: "m"}}
	err := forgetMail(t.Context(), updateFunc(func(in *dynamodb.UpdateItemInput) error {
		for _, condition := range []string{"messageId = :v2", "attribute_not_exists(attempt)", "attribute_not_exists(#mail.execution)", "deadline <= :now"} {
			if !strings.Contains(*in.ConditionExpression, condition) {
				t.Errorf("condition %s lacks %s", *in.ConditionExpression, condition)
			}
		}
		for _, member := range []string{"messageId", "attempt", "deadline", "receiptBy", "mailing", "mailSent", "mailBounced"} {
			if !strings.Contains(*in.UpdateExpression, " "+member+",") {
				t.Errorf("%s leaves %s", *in.UpdateExpression, member)
			}
		}
		if strings.Contains(*in.UpdateExpression, "onboardedAt") {
			t.Errorf("%s: an onboarded user would be onboarded anew", *in.UpdateExpression)
		}
		return &dynamodbtypes.ConditionalCheckFailedException{}
	}), "records", p, "cause", opstest.Now)
	if err == nil || !strings.Contains(err.Error(), "changed meanwhile") {
		t.Errorf("error %v", err)
	}
	if err := forgetMail(t.Context(), updateFunc(func(*dynamodb.UpdateItemInput) error { return opstest.APIError("AccessDeniedException") }), "records", p, "cause", opstest.Now); err == nil {
		t.Error("a failed write is no error")
	}
}

package person

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/start"
)

type itemFunc func(table string) map[string]dynamodbtypes.AttributeValue

func (f itemFunc) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: f(*in.TableName)}, nil
}

// history has executions that failed, by name, with what they were started with.
type history map[string]string

func (h history) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	name := execution.Name(*in.ExecutionArn)
	input, found := h[name]
	if !found {
		return nil, &sfntypes.ExecutionDoesNotExist{}
	}
	return &sfn.DescribeExecutionOutput{Status: sfntypes.ExecutionStatusFailed, Input: &input, StartDate: aws.Time(opstest.Now.Add(time.Duration(len(name))))}, nil
}

func (history) GetExecutionHistory(context.Context, *sfn.GetExecutionHistoryInput, ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error) {
	return &sfn.GetExecutionHistoryOutput{}, nil
}

func finder(executions history) Finder {
	return Finder{
		Stack:      Stack{Machine: opstest.MachineARN, Pool: opstest.PoolID, Records: "records", Profiles: "profiles"},
		Users:      fakePool{byFilter: map[string][]types.UserType{`sub = "` + sub + `"`: nil, `email = "jane@example.com"`: nil}},
		Executions: executions,
		Items: itemFunc(func(table string) map[string]dynamodbtypes.AttributeValue {
			if table == "profiles" {
				return ProfileKey(sub)
			}
			return map[string]dynamodbtypes.AttributeValue{
				"resend": &dynamodbtypes.AttributeValueMemberS{Value: "resend after m"}, "deadline": &dynamodbtypes.AttributeValueMemberN{Value: "1000"},
				MailState: &dynamodbtypes.AttributeValueMemberM{Value: map[string]dynamodbtypes.AttributeValue{"execution": &dynamodbtypes.AttributeValueMemberS{Value: "recorded"}}},
			}
		}),
	}
}

func TestUserWhoWasDeletedIsFoundByTheSub(t *testing.T) {
	p, err := finder(nil).Find(t.Context(), sub)
	if err != nil || p.User != nil || p.Key != sub || !p.HasProfile || !p.Record.Exists() || p.Deadline != time.UnixMilli(1000) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := finder(nil).Find(t.Context(), "jane@example.com"); err == nil || strings.Contains(err.Error(), "jane") {
		t.Errorf("of an address nobody has: %v", err)
	}
}

func TestExecutionsThatWereStartedAgainAreFound(t *testing.T) {
	in := statemachine.Input{Sub: sub}
	again := in.ExecutionName(start.CauseStopped(sub, time.Time{}))
	once := in.ExecutionName(start.CauseStopped(again, time.Time{}))
	executions := history{
		sub: `{"sub":"` + sub + `","username":"` + sub + `","metadata":{"campaign":"spring"}}`, again: "", once: "", "recorded": "",
		in.ExecutionName("resend after m"):                               "",
		in.ExecutionName(start.CauseSkipped(MailState, "", time.Time{})): "",
		in.ExecutionName("another cause"):                                "",
	}
	p, err := finder(executions).Find(t.Context(), sub)
	if err != nil || len(p.Executions) != len(executions)-1 {
		t.Fatalf("%d executions, %v; want all %d but one", len(p.Executions), err, len(executions))
	}
	if got := p.Input(); got.Metadata["campaign"] != "spring" {
		t.Errorf("the input %+v is not that of the sign-up", got)
	}
}

// An execution that runs at the first look at the profile has ended at the look at it.
func TestWhatAnExecutionGaveMeanwhileIsFound(t *testing.T) {
	f, looks := finder(history{sub: ""}), 0
	f.Items = itemFunc(func(table string) map[string]dynamodbtypes.AttributeValue {
		if table != "profiles" {
			return nil
		}
		if looks++; looks == 1 {
			return nil
		}
		return ProfileKey(sub)
	})
	if p, err := f.Find(t.Context(), sub); err != nil || !p.HasProfile {
		t.Errorf("%+v, %v: the profile is not known of", p, err)
	}
}

func TestNext(t *testing.T) {
	confirmed := &User{Sub: sub, Enabled: true, Status: types.UserStatusTypeConfirmed, Email: "jane@example.com"}
	verified := &User{Sub: sub, Enabled: true, Status: types.UserStatusTypeExternalProvider, Email: "jane@example.com", Verified: true}
	step := func(s record.Step) map[string]record.Step { return map[string]record.Step{MailState: s} }
	skipped := step(record.Step{Status: statemachine.StatusSkipped, Until: statemachine.UntilVerified, Execution: "e"})
	onboarded := record.Record{Steps: step(record.Step{Status: statemachine.StatusDone}), OnboardedAt: opstest.Now}
	stop := func(status sfntypes.ExecutionStatus, notRedrivable string) []execution.Execution {
		return []execution.Execution{{Name: sub, Status: status, NotRedrivable: notRedrivable, StopDate: opstest.Now.Add(-time.Hour)}}
	}
	failed := sfntypes.ExecutionStatusFailed
	for _, test := range []struct {
		name   string
		person Person
		want   Action
		cause  string
	}{
		{"nobody", Person{}, Nothing, ""},
		{"deleted, with a profile", Person{HasProfile: true}, Forget, ""},
		{"deleted, with a record", Person{Record: onboarded}, Forget, ""},
		{"disabled", Person{User: &User{Status: types.UserStatusTypeConfirmed}}, Nothing, ""},
		{"unconfirmed", Person{User: &User{Enabled: true, Status: types.UserStatusTypeUnconfirmed}}, Nothing, ""},
		{"never started", Person{User: confirmed}, Start, ""},
		{"running", Person{User: confirmed, Executions: stop(sfntypes.ExecutionStatusRunning, "")}, Nothing, ""},
		{"stopped", Person{User: confirmed, Executions: stop(failed, "")}, Redrive, ""},
		{"aborted", Person{User: confirmed, Executions: stop(sfntypes.ExecutionStatusAborted, "")}, Redrive, ""},
		{"stopped for good", Person{User: confirmed, Executions: stop(failed, "too late")}, StartAgain, start.CauseStopped(sub, opstest.Now.Add(-time.Hour))},
		{"stopped, onboarded since", Person{User: confirmed, Executions: stop(failed, ""), Record: onboarded}, Nothing, ""},
		{"stopped and forgotten by Step Functions", Person{User: confirmed, Record: record.Record{Steps: step(record.Step{Status: statemachine.StatusDone, Execution: "e", At: opstest.Now})}}, StartAgain, ""},
		{"onboarded", Person{User: confirmed, Record: onboarded}, Nothing, ""},
		{"mailed before there were records", Person{User: confirmed, Record: record.Record{MessageID: "m"}}, Nothing, ""},
		{"onboarded before there were records", Person{User: confirmed, Executions: stop(sfntypes.ExecutionStatusSucceeded, "")}, Nothing, ""},
		{"skipped, unverified", Person{User: confirmed, Record: record.Record{Steps: skipped, OnboardedAt: opstest.Now}}, Nothing, ""},
		{"skipped, verified", Person{User: verified, Record: record.Record{Steps: skipped, OnboardedAt: opstest.Now}}, StartAgain, start.CauseSkipped(MailState, "", time.Time{})},
		{"skipped for good", Person{User: verified, Record: record.Record{Steps: step(record.Step{Status: statemachine.StatusSkipped}), OnboardedAt: opstest.Now}}, Nothing, ""},
	} {
		if got := test.person.Next(); got.Action != test.want || got.Cause != test.cause || got.Why == "" {
			t.Errorf("%s: %+v, want %s %s", test.name, got, test.want, test.cause)
		}
	}
}

func TestMail(t *testing.T) {
	ended := func(s record.Step) record.Record { return record.Record{Steps: map[string]record.Step{MailState: s}} }
	unknown := ended(record.Step{Status: statemachine.StatusSkipped, Reason: deliveryUnknown})
	unknown.Attempt = "a"
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for want, p := range map[string]Person{
		"not sent yet":                           {},
		"sent":                                   {Record: record.Record{MessageID: "m", Attempt: "a"}},
		"not sent: no mail address":              {Record: ended(record.Step{Status: statemachine.StatusSkipped, Reason: "no mail address"})},
		"being sent":                             {Record: record.Record{Attempt: "a"}, Deadline: opstest.Now.Add(time.Second)},
		"delivered 2026-03-01 12:00:00Z":         {Record: record.Record{MessageID: "m", Mail: record.Mail{{Fate: record.Delivered, At: at}}}},
		"sent, and delayed 2026-03-01 12:00:00Z": {Record: record.Record{MessageID: "m", Mail: record.Mail{{Fate: record.Delayed, At: at}}}},
		"bounced 2026-03-01 12:00:00Z: Permanent/General": {Record: record.Record{MessageID: "m", Mail: record.Mail{{Fate: record.Bounced, At: at, Bounce: "Permanent/General"}}}},
		"unknown: an attempt may have sent it":            {Record: record.Record{Attempt: "a"}, Deadline: opstest.Now},
	} {
		if got := p.Mail(opstest.Now); got != want {
			t.Errorf("%+v: %q, want %q", p, got, want)
		}
	}
	if p := (Person{Record: unknown, Deadline: opstest.Now.Add(time.Second)}); !p.MailUnknown(opstest.Now) {
		t.Errorf("a mail of which the step says so is %q", p.Mail(opstest.Now))
	}
}

package onboard

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

const sub = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"

// stepFunctions knows what was called, and answers with an error.
type stepFunctions struct {
	calls []string
	err   error
}

func (f *stepFunctions) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	f.calls = append(f.calls, "start "+*in.Name)
	return &sfn.StartExecutionOutput{}, f.err
}

func (f *stepFunctions) RedriveExecution(_ context.Context, in *sfn.RedriveExecutionInput, _ ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error) {
	f.calls = append(f.calls, "redrive "+*in.ExecutionArn)
	return &sfn.RedriveExecutionOutput{}, f.err
}

func confirmed() *person.Person {
	return &person.Person{Key: sub, User: &person.User{Sub: sub, Username: sub, Enabled: true, Status: types.UserStatusTypeConfirmed}}
}

func stopped(notRedrivable string) *person.Person {
	p := confirmed()
	p.Executions = []execution.Execution{{ARN: "arn", Name: sub, Status: sfntypes.ExecutionStatusFailed, NotRedrivable: notRedrivable}}
	return p
}

func TestOnboardDoesWhatIsNext(t *testing.T) {
	done, disabled, running := confirmed(), confirmed(), stopped("")
	done.Record = record.Record{MessageID: "m"}
	disabled.User.Enabled = false
	running.Executions[0].Status = sfntypes.ExecutionStatusRunning
	for _, test := range []struct {
		name   string
		person *person.Person
		again  string
		did    person.Action
		call   string
		left   bool
	}{
		{"never started", confirmed(), "", person.Start, "start " + sub, false},
		{"never started, again", confirmed(), "words", person.Start, "start " + sub, false},
		{"stopped", stopped(""), "", person.Redrive, "redrive arn", false},
		{"stopped, again", stopped(""), "words", person.StartAgain, "start " + sub + "_", false},
		{"stopped for good", stopped("too late"), "", person.StartAgain, "start " + sub + "_", false},
		{"done", done, "", person.Nothing, "", false},
		{"done, again", done, "words", person.StartAgain, "start " + sub + "_", false},
		{"running", running, "words", person.Nothing, "", false},
		{"disabled", disabled, "words", person.Nothing, "", true},
	} {
		f := new(stepFunctions)
		r, err := onboard(t.Context(), f, "alias", test.person, test.again)
		if err != nil || r.Did != test.did || r.left != test.left || !strings.HasPrefix(strings.Join(f.calls, " "), test.call) || (test.call == "") != (len(f.calls) == 0) {
			t.Errorf("%s: %+v, calls %q, %v; want %+v", test.name, r, f.calls, err, test)
		}
	}
}

func TestCauseThatWasStartedBeforeIsLeft(t *testing.T) {
	r, err := onboard(t.Context(), &stepFunctions{err: &sfntypes.ExecutionAlreadyExists{}}, "alias", stopped("too late"), "")
	if err != nil || r.Did != person.Nothing || !r.left || !strings.Contains(r.Why, "--again") {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestFailedCallsAreErrors(t *testing.T) {
	for _, p := range []*person.Person{confirmed(), stopped("")} {
		if r, err := onboard(t.Context(), &stepFunctions{err: opstest.APIError("AccessDeniedException")}, "alias", p, ""); err == nil {
			t.Errorf("%+v", r)
		}
	}
	if r, err := onboard(t.Context(), new(stepFunctions), "alias", &person.Person{Key: sub, HasProfile: true}, "words"); err == nil {
		t.Errorf("of a user who was deleted: %+v", r)
	}
}

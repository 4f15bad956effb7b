package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// functions all have the same configuration and concurrency, but for one, which the
// test is about.
type functions struct {
	one         string
	state       types.State
	update      types.LastUpdateStatus
	concurrency *int32
	err         error
}

func (f functions) GetFunctionConfiguration(_ context.Context, in *lambda.GetFunctionConfigurationInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error) {
	if *in.FunctionName == f.one {
		return &lambda.GetFunctionConfigurationOutput{State: f.state, LastUpdateStatus: f.update, StateReason: aws.String("why")}, f.err
	}
	return &lambda.GetFunctionConfigurationOutput{State: types.StateActive, LastUpdateStatus: types.LastUpdateStatusSuccessful}, nil
}

func (f functions) GetFunctionConcurrency(_ context.Context, in *lambda.GetFunctionConcurrencyInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionConcurrencyOutput, error) {
	if *in.FunctionName == f.one {
		return &lambda.GetFunctionConcurrencyOutput{ReservedConcurrentExecutions: f.concurrency}, nil
	}
	return &lambda.GetFunctionConcurrencyOutput{}, nil
}

// notStarted are definitions of which none calls a function.
func notStarted() ([]string, error) { return []string{`{"States": {}}`}, nil }

// startsAll cannot be read.
func startsAll() ([]string, error) { return nil, opstest.APIError("AccessDeniedException") }

func TestFunctions(t *testing.T) {
	const active, done = types.StateActive, types.LastUpdateStatusSuccessful
	for _, test := range []struct {
		name      string
		functions functions
		want      string
	}{
		{"all fine", functions{"step", active, done, nil, nil}, "ok: StartDeferred, Step, Trigger"},
		{"reserved concurrency", functions{"step", active, done, aws.Int32(5), nil}, "ok"},
		{"switched off", functions{"step", active, done, aws.Int32(0), nil}, "fault: step is switched off: its reserved concurrency is 0 | aws lambda delete-function-concurrency --function-name step"},
		{"failed", functions{"trigger", types.StateFailed, done, nil, nil}, "fault: trigger is Failed: why | sam build"},
		{"update failed", functions{"trigger", active, types.LastUpdateStatusFailed, nil, nil}, "fault: the last update of trigger failed"},
		{"being made", functions{"trigger", types.StatePending, types.LastUpdateStatusInProgress, nil, nil}, "warning: trigger is being updated"},
		{"idle", functions{"trigger", types.StateInactive, done, nil, nil}, "warning: trigger is Inactive"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkFunctions(t.Context(), test.functions, healthyStack(), startsAll)
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.HasPrefix(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if _, err := checkFunctions(t.Context(), functions{one: "trigger", err: opstest.APIError("AccessDeniedException")}, healthyStack(), startsAll); err == nil {
		t.Error("a denied call is no error")
	}
}

func TestFunctionOfNoDeployedStateMayBeSwitchedOff(t *testing.T) {
	for name, want := range map[string]Verdict{"step": Warning, "trigger": Fault, "startdeferred": Fault} {
		off := functions{name, types.StateActive, types.LastUpdateStatusSuccessful, aws.Int32(0), nil}
		found, err := checkFunctions(t.Context(), off, healthyStack(), notStarted)
		if err != nil || len(found) != 1 || found[0].Verdict != want {
			t.Errorf("%s: found %s, %v; want a %s", name, summary(t, found), err, want)
		}
	}
}

package start_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/start"
)

const arn = "arn:aws:states:us-east-1:123456789012:stateMachine:onboarding"

type startFunc func(*sfn.StartExecutionInput) error

func (f startFunc) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return &sfn.StartExecutionOutput{}, f(in)
}

var input = statemachine.Input{
	UserPoolID: "us-east-1_Example01", Username: "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b",
	Sub: "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b", ClientID: "1example23456789",
	Metadata: map[string]string{"campaign": "spring", "locale": "pt-BR"},
}

func TestExecutionIsNamedByTheUser(t *testing.T) {
	golden, err := os.ReadFile("../testdata/input.json")
	if err != nil {
		t.Fatal(err)
	}
	started, err := start.Execution(t.Context(), startFunc(func(in *sfn.StartExecutionInput) error {
		if *in.StateMachineArn != arn || *in.Name != input.Sub {
			t.Errorf("started %s of %s, want %s of %s", *in.Name, *in.StateMachineArn, input.Sub, arn)
		}
		if want := strings.TrimSpace(string(golden)); *in.Input != want {
			t.Errorf("input %s, want %s", *in.Input, want)
		}
		return nil
	}), arn, input)
	if !started || err != nil {
		t.Errorf("started %t, error %v", started, err)
	}
}

func TestExecutionThatIsStartedAgainIsNamedByUserAndCause(t *testing.T) {
	started, err := start.Again(t.Context(), startFunc(func(in *sfn.StartExecutionInput) error {
		if want := input.ExecutionName("stopped"); *in.Name != want {
			t.Errorf("started %s, want %s", *in.Name, want)
		}
		return nil
	}), arn, input, "stopped")
	if !started || err != nil {
		t.Errorf("started %t, error %v", started, err)
	}
}

func TestExistingExecutionIsNoError(t *testing.T) {
	started, err := start.Execution(t.Context(), startFunc(func(*sfn.StartExecutionInput) error {
		return &types.ExecutionAlreadyExists{}
	}), arn, input)
	if started || err != nil {
		t.Errorf("started %t, error %v; want false, nil", started, err)
	}
}

func TestFailureIsReturned(t *testing.T) {
	down := errors.New("down")
	started, err := start.Execution(t.Context(), startFunc(func(*sfn.StartExecutionInput) error { return down }), arn, input)
	if started || !errors.Is(err, down) {
		t.Errorf("started %t, error %v; want false, %v", started, err, down)
	}
}

package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/dev/metricstest"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/start"
)

const arn = "arn:aws:states:us-east-1:123456789012:stateMachine:onboarding"

type startFunc func(context.Context, *sfn.StartExecutionInput) error

func (f startFunc) StartExecution(ctx context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return &sfn.StartExecutionOutput{}, f(ctx, in)
}

// handle hands messages with these bodies to the function. It returns the IDs (the
// index, as text) of those that failed, and what was logged.
func handle(t *testing.T, api startFunc, bodies ...string) (failed []string, log string) {
	t.Helper()
	var logged bytes.Buffer
	var event events.SQSEvent
	for i, body := range bodies {
		event.Records = append(event.Records, events.SQSMessage{MessageId: string(rune('0' + i)), Body: body})
	}
	response, err := (&StartDeferred{
		Executions: api, StateMachineARN: arn, Log: slog.New(slog.NewJSONHandler(&logged, nil)),
		Metrics: metrics.Stack{Name: "onboarding", Now: time.Now},
	}).Handle(t.Context(), event)
	if err != nil {
		t.Errorf("Handle failed as a whole: %v", err)
	}
	for _, f := range response.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed, logged.String()
}

// counted returns how many starts the lines of the log count.
func counted(t *testing.T, log string) (n float64) {
	t.Helper()
	for line := range strings.Lines(log) {
		values, err := metricstest.Read(line)
		if err != nil {
			t.Errorf("line %s: %v", line, err)
		}
		for _, v := range values {
			if v.Name == "DeferredStarts" && v.Dimensions["Stack"] == "onboarding" {
				n += v.Value
			}
		}
	}
	return n
}

func goldenInput(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../statemachine/testdata/input.json")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

func TestDeferredStartIsMade(t *testing.T) {
	input := goldenInput(t)
	var calls []string
	failed, log := handle(t, func(_ context.Context, in *sfn.StartExecutionInput) error {
		calls = append(calls, *in.StateMachineArn, *in.Name, *in.Input)
		return nil
	}, input)
	if want := []string{arn, "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b", input}; !slices.Equal(calls, want) {
		t.Errorf("started %q, want %q: the same as the trigger's", calls, want)
	}
	if failed != nil || !strings.Contains(log, `"started":true`) || counted(t, log) != 1 {
		t.Errorf("failed %v, log %s", failed, log)
	}
}

// A message waits in the queue for up to a day while another version is deployed.
func TestReleasedInputsAreStarted(t *testing.T) {
	files, err := filepath.Glob("../../statemachine/testdata/v*/input.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no released input: %v", err)
	}
	for _, file := range files {
		input, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var started string
		failed, _ := handle(t, func(_ context.Context, in *sfn.StartExecutionInput) error {
			started = *in.Name
			return nil
		}, string(input))
		if failed != nil || started != "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b" {
			t.Errorf("%s: started %q, failed %v", file, started, failed)
		}
	}
}

func TestStartThatWasMadeMeanwhileIsDone(t *testing.T) {
	failed, log := handle(t, func(context.Context, *sfn.StartExecutionInput) error { return &types.ExecutionAlreadyExists{} }, goldenInput(t))
	if failed != nil || !strings.Contains(log, `"started":false`) || counted(t, log) != 1 {
		t.Errorf("failed %v, log %s", failed, log)
	}
}

func TestOnlyFailedMessagesComeAgain(t *testing.T) {
	input := goldenInput(t)
	calls := 0
	failed, log := handle(t, func(context.Context, *sfn.StartExecutionInput) error {
		if calls++; calls == 2 {
			return &smithy.GenericAPIError{Code: "ThrottlingException", Message: "secret"}
		}
		return nil
	}, input, "no JSON", input, `{"userPoolId":"p_1"}`, input)
	if want := []string{"1", "2", "3"}; !slices.Equal(failed, want) {
		t.Errorf("failed %v, want %v: the unreadable ones and the throttled one", failed, want)
	}
	if strings.Contains(log, "secret") || !strings.Contains(log, `"error":"ThrottlingException"`) || strings.Count(log, "\n") != 5 || counted(t, log) != 2 {
		t.Errorf("log\n%s", log)
	}
}

// TestOneStartThatHangsLeavesTimeForTheOthers lets a start hang, on a fake clock.
func TestOneStartThatHangsLeavesTimeForTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		calls := 0
		failed, _ := handle(t, func(ctx context.Context, _ *sfn.StartExecutionInput) error {
			if calls++; calls == 2 {
				<-ctx.Done()
			}
			return ctx.Err()
		}, goldenInput(t), goldenInput(t), goldenInput(t))
		if took := time.Since(began); !slices.Equal(failed, []string{"1"}) || took != start.Budget {
			t.Errorf("failed %v after %v, want the second message after %v", failed, took, start.Budget)
		}
	})
}

func TestNoFailureIsAnEmptyListOnTheWire(t *testing.T) {
	response, err := (&StartDeferred{}).Handle(t.Context(), events.SQSEvent{})
	if err != nil || response.BatchItemFailures == nil {
		t.Errorf("response %+v, error %v: Lambda takes null for a failure of the whole batch", response, err)
	}
}

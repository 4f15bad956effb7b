package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.com/onboarding/statemachine/dev/metricstest"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/trigger/internal/onboard"
)

const (
	arn      = "arn:aws:states:us-east-1:123456789012:stateMachine:onboarding"
	queueURL = "https://sqs.us-east-1.amazonaws.com/123456789012/deferred"
)

// startFunc is a Step Functions that only starts executions.
type startFunc func(context.Context, *sfn.StartExecutionInput) error

func (f startFunc) StartExecution(ctx context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return &sfn.StartExecutionOutput{}, f(ctx, in)
}

// sendFunc is an SQS that only takes messages.
type sendFunc func(context.Context, *sqs.SendMessageInput) error

func (f sendFunc) SendMessage(ctx context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return &sqs.SendMessageOutput{}, f(ctx, in)
}

// invocation is what one invocation of the trigger did.
type invocation struct {
	answer []byte
	// start is the call to StartExecution; nil if there was none.
	start *sfn.StartExecutionInput
	// message is what was put into the queue; empty if nothing was.
	message string
	log     string
}

// invoke hands the payload to a trigger whose calls fail with these errors.
func invoke(t *testing.T, payload []byte, startErr, sendErr error) invocation {
	t.Helper()
	var got invocation
	var logged bytes.Buffer
	trigger := &Trigger{onboard.Starter{
		Executions: startFunc(func(_ context.Context, in *sfn.StartExecutionInput) error {
			if got.start != nil {
				t.Error("StartExecution was called twice")
			}
			got.start = in
			return startErr
		}),
		StateMachineARN: arn,
		Queue: sendFunc(func(_ context.Context, in *sqs.SendMessageInput) error {
			if *in.QueueUrl != queueURL {
				t.Errorf("queue %s, want %s", *in.QueueUrl, queueURL)
			}
			got.message = *in.MessageBody
			return sendErr
		}),
		QueueURL:     queueURL,
		MetadataKeys: []string{"campaign", "locale", "referrer"},
		Log:          slog.New(slog.NewJSONHandler(&logged, nil)),
		Metrics:      metrics.Stack{Name: "onboarding", Now: func() time.Time { return time.UnixMilli(1700000000000) }},
	}}
	answer, err := trigger.Invoke(t.Context(), payload)
	if err != nil {
		t.Errorf("Invoke returned the error %v: the user would see it", err)
	}
	got.answer, got.log = answer, logged.String()
	return got
}

// run invokes a trigger whose calls succeed, or whose start fails.
func run(t *testing.T, payload []byte, startErr error) (answer []byte, call *sfn.StartExecutionInput, log string) {
	t.Helper()
	got := invoke(t, payload, startErr, nil)
	return got.answer, got.start, got.log
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestConfirmedSignUpStartsOneExecution(t *testing.T) {
	event := readFile(t, "testdata/confirm_sign_up.json")
	answer, call, log := run(t, event, nil)
	if !bytes.Equal(answer, event) {
		t.Errorf("answer differs from the event:\n%s", answer)
	}
	if call == nil {
		t.Fatal("StartExecution was not called")
	}
	if got := *call.StateMachineArn; got != arn {
		t.Errorf("state machine %s, want %s", got, arn)
	}
	if got, want := *call.Name, "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"; got != want {
		t.Errorf("execution name %s, want the sub %s", got, want)
	}
	want := strings.TrimSpace(string(readFile(t, "../statemachine/testdata/input.json")))
	if got := *call.Input; got != want {
		t.Errorf("execution input\n got %s\nwant %s", got, want)
	}
	checkLine(t, log, []string{"Confirmations"}, `"level":"INFO","msg":"execution started"`)
}

func TestOtherEventsPassThroughAndSayWhy(t *testing.T) {
	for file, reason := range map[string]string{
		"confirm_forgot_password.json": "not a sign-up",
		"unknown_source.json":          "not a sign-up",
		"aws_documentation.json":       "the event has no triggerSource",
	} {
		t.Run(file, func(t *testing.T) {
			event := readFile(t, "testdata/"+file)
			answer, call, log := run(t, event, nil)
			if !bytes.Equal(answer, event) {
				t.Errorf("answer differs from the event:\n%s", answer)
			}
			if call != nil {
				t.Errorf("an execution was started: %s", *call.Input)
			}
			if !strings.Contains(log, reason) || strings.Count(log, "\n") != 1 || strings.Contains(log, "_aws") {
				t.Errorf("want one log line with %q and without metrics, got\n%s", reason, log)
			}
		})
	}
}

func TestEveryEventFileIsReturnedByteForByte(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no event files: %v", err)
	}
	for _, file := range files {
		event := readFile(t, file)
		if answer, _, _ := run(t, event, errors.New("down")); !bytes.Equal(answer, event) {
			t.Errorf("%s: answer differs from the event:\n%s", file, answer)
		}
	}
}

func TestUnreadableEventsAreReturnedToo(t *testing.T) {
	for _, event := range []string{
		"", "null", "[]", "1", `"text"`, "{", "\xff\xfe", `{"triggerSource": 1}`,
		`{"triggerSource": "PostConfirmation_ConfirmSignUp"}`,
		`{"triggerSource": "PostConfirmation_ConfirmSignUp", "userPoolId": "p_1", "userName": null}`,
		`{"triggerSource": "PostConfirmation_ConfirmSignUp", "userPoolId": ["p_1"], "userName": "u"}`,
	} {
		answer, call, log := run(t, []byte(event), nil)
		if string(answer) != event {
			t.Errorf("event %q: answer %q", event, answer)
		}
		if call != nil {
			t.Errorf("event %q: an execution was started: %s", event, *call.Input)
		}
		if strings.Count(log, "\n") != 1 {
			t.Errorf("event %q: want one log line, got\n%s", event, log)
		}
	}
}

func TestExistingExecutionIsSuccess(t *testing.T) {
	_, _, log := run(t, readFile(t, "testdata/confirm_sign_up.json"), &types.ExecutionAlreadyExists{})
	checkLine(t, log, []string{"Confirmations"}, `"level":"INFO","msg":"execution exists already"`)
}

func TestFailedStartIsDeferred(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		code string
	}{
		"throttled": {&smithy.GenericAPIError{Code: "ThrottlingException", Message: "jane@example.com"}, "ThrottlingException"},
		"time-out":  {context.DeadlineExceeded, "timeout"},
		"network":   {&smithyhttp.RequestSendError{Err: errors.New("dial tcp: jane@example.com")}, "connection failed"},
		"other":     {errors.New("about jane@example.com"), "unknown failure"},
	} {
		t.Run(name, func(t *testing.T) {
			event := readFile(t, "testdata/confirm_sign_up.json")
			got := invoke(t, event, test.err, nil)
			if !bytes.Equal(got.answer, event) {
				t.Errorf("answer differs from the event:\n%s", got.answer)
			}
			if got.message != *got.start.Input {
				t.Errorf("the queue got %q, want the input %s", got.message, *got.start.Input)
			}
			checkLine(t, got.log, []string{"Confirmations", "StartsDeferred"}, `"level":"WARN","msg":"start deferred"`, `"error":"`+test.code+`"`)
		})
	}
}

func TestLostStartIsLoggedAndCounted(t *testing.T) {
	event := readFile(t, "testdata/confirm_sign_up.json")
	got := invoke(t, event, context.DeadlineExceeded, &smithyhttp.RequestSendError{Err: errors.New("dial tcp: jane@example.com")})
	if !bytes.Equal(got.answer, event) {
		t.Errorf("answer differs from the event:\n%s", got.answer)
	}
	checkLine(t, got.log, []string{"Confirmations", "StartsLost"},
		`"level":"ERROR","msg":"start lost"`, `"error":"timeout"`, `"queueError":"connection failed"`)
}

// checkLine checks the one log line of a confirmation, and what it counts.
func checkLine(t *testing.T, log string, counters []string, more ...string) {
	t.Helper()
	values, err := metricstest.Read(log)
	if err != nil {
		t.Errorf("line %s: %v", log, err)
	}
	var counted []string
	for _, v := range values {
		counted = append(counted, v.Name)
		if v.Value != 1 || v.Unit != "Count" || !maps.Equal(v.Dimensions, map[string]string{"Stack": "onboarding"}) {
			t.Errorf("counted %+v, want 1 for the stack", v)
		}
	}
	if !slices.Equal(counted, counters) {
		t.Errorf("counted %v, want %v:\n%s", counted, counters, log)
	}
	for _, part := range append(more, `"execution":"3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"`) {
		if !strings.Contains(log, part) {
			t.Errorf("log has no %s:\n%s", part, log)
		}
	}
	if strings.Contains(log, "jane") || strings.Count(log, "\n") != 1 {
		t.Errorf("want one line without the address, got\n%s", log)
	}
}

// TestAnswersInTimeWhenBothServicesHang lets both calls use up their budgets, on a
// fake clock.
func TestAnswersInTimeWhenBothServicesHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		trigger := &Trigger{onboard.Starter{
			Executions: startFunc(func(ctx context.Context, _ *sfn.StartExecutionInput) error { return hang(ctx) }),
			Queue:      sendFunc(func(ctx context.Context, _ *sqs.SendMessageInput) error { return hang(ctx) }),
			Log:        slog.New(slog.DiscardHandler), Metrics: metrics.Stack{Now: time.Now},
		}}
		began := time.Now()
		if _, err := trigger.Invoke(t.Context(), readFile(t, "testdata/confirm_sign_up.json")); err != nil {
			t.Fatal(err)
		}
		if got, want := time.Since(began), 3500*time.Millisecond; got != want {
			t.Errorf("answered after %v, want %v", got, want)
		}
	})
}

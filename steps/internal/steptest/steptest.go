// Package steptest has what the tests of all steps have in common.
package steptest

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/steps/internal/step"
)

// Address is a mail address that a service may quote in a message. It is nowhere
// to be repeated.
const Address = "planted@example.com"

// Task reads the task in the contract's testdata, as the definition makes it.
func Task(t *testing.T) statemachine.Task {
	t.Helper()
	folder, err := os.Getwd() // that of the test's package
	if err != nil {
		t.Fatal(err)
	}
	folder = filepath.ToSlash(folder)
	return read[statemachine.Task](t, folder[:strings.LastIndex(folder, "/steps/")]+"/statemachine/testdata/task.json")
}

// CheckJSON compares what a function returns to Step Functions.
func CheckJSON(t *testing.T, result any, want string) {
	t.Helper()
	got, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("result\n got %s\nwant %s", got, want)
	}
}

// Records are those of one user.
type Records struct {
	record.Record

	// NoGet and NoUpdate are the errors of the calls.
	NoGet, NoUpdate error
	// Last says that the execution has ended.
	Last bool
}

// Get implements step.Records.
func (r *Records) Get(context.Context, string) (record.Record, error) { return r.Record, r.NoGet }

// StepEnded implements step.Records.
func (r *Records) StepEnded(_ context.Context, _, state string, s record.Step, last bool) error {
	if r.NoUpdate == nil {
		r.Steps, r.Last = map[string]record.Step{state: s}, last
	}
	return r.NoUpdate
}

// Seeds are payloads to start fuzzing a step from.
func Seeds() []string {
	return []string{
		`{"state":{"userPoolId":"p_1","username":"u","sub":"3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b","clientId":"c","metadata":{"campaign":"spring"}},"executionName":"e","startTime":"2026-01-02T03:04:05.678Z","retryCount":0}`,
		`{"state":{"userPoolId":"p_1","username":"u","group":{"status":"done","reason":"","groups":["members"]},"email":{"status":"skipped","reason":"no mail address","messageId":""}},"executionName":"e","retryCount":7}`,
		`{"state":{"userPoolId":"p_1","username":"u"},"executionName":"e","startTime":"0000-01-01T00:00:00+23:59"}`,
		`{}`, `null`, `[]`, `"text"`, `{"state":null}`, `{"retryCount":1e99}`, ``, `{`,
	}
}

// Failure returns an error of a service, another one for each n; nil for the
// first of them.
func Failure(n uint8) error {
	code := func(c string) error { return &smithy.GenericAPIError{Code: c, Message: "about " + Address} }
	failures := []error{
		nil,
		code("UserNotFoundException"), code("TooManyRequestsException"), code("Throttling"),
		code("InternalErrorException"), code("ResourceNotFoundException"), code("MessageRejected"),
		code("InvalidParameterValue"), code(""), code("NeverHeardOf"),
		errors.New("about " + Address),
	}
	return failures[int(n)%len(failures)]
}

// typed are the errors that a step returns.
type typed interface {
	*statemachine.ThrottledError | *statemachine.QuotaExceededError | *statemachine.TransientError | *statemachine.NotReadyError | *statemachine.UndecidedError | *statemachine.ConfigurationError | *statemachine.UnexpectedError
}

func is[E typed](err error) bool {
	_, ok := err.(E) // not errors.As: Step Functions sees the outermost type only
	return ok
}

// CheckInvoke hands the payload to a step as Lambda does, and reports an answer
// other than a result with an outcome, or one of the errors that the definition
// knows. What is no task at all aws-lambda-go refuses with an error of its own.
func CheckInvoke[R step.Result](t *testing.T, handle step.Handle[R], payload []byte) {
	t.Helper()
	handler := lambda.NewHandler(step.Handler(step.Function{
		Log: slog.New(slog.DiscardHandler), Metrics: metrics.Stack{Now: time.Now}, Records: &Records{},
	}, handle))
	answer, err := handler.Invoke(t.Context(), payload)
	var task statemachine.Task
	if notATask := json.Unmarshal(payload, &task); notATask != nil && err != nil {
		return
	}
	if err != nil {
		known := is[*statemachine.ThrottledError](err) || is[*statemachine.QuotaExceededError](err) || is[*statemachine.TransientError](err) ||
			is[*statemachine.NotReadyError](err) || is[*statemachine.UndecidedError](err) || is[*statemachine.ConfigurationError](err) || is[*statemachine.UnexpectedError](err)
		if !known || strings.Contains(err.Error(), Address) {
			t.Errorf("%s: error %T %v", payload, err, err)
		}
		return
	}
	var o statemachine.Outcome
	if err := json.Unmarshal(answer, &o); err != nil {
		t.Errorf("%s: answer %s: %v", payload, answer, err)
	}
	if skipped := o.Status == statemachine.StatusSkipped && o.Reason != ""; o != statemachine.Done() && !skipped {
		t.Errorf("%s: answer %s has no outcome", payload, answer)
	}
}

// CheckReleased hands the step the task of each released version of the definition, in
// testdata/v1 and so on, and checks that its result has the members that this
// definition takes over. An execution goes on with the definition that it was started
// with, and with the functions of the day. The files stay as they were released.
func CheckReleased[R step.Result](t *testing.T, handle step.Handle[R]) {
	t.Helper()
	versions, err := filepath.Glob("testdata/v*/task.json")
	if err != nil || len(versions) == 0 {
		t.Fatalf("no released task in testdata: %v", err)
	}
	for _, file := range versions {
		result, err := handle(t.Context(), read[statemachine.Task](t, file))
		if err != nil || result.End() != statemachine.Done() {
			t.Errorf("%s: got %+v, error %v", file, result, err)
		}
		text, err := json.Marshal(result)
		if err != nil {
			t.Fatal(err)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(text, &members); err != nil {
			t.Fatal(err)
		}
		for name := range read[map[string]any](t, filepath.Join(filepath.Dir(file), "result.json")) {
			if _, ok := members[name]; !ok {
				t.Errorf("%s: the result %s has no member %s, which a running execution takes over", file, text, name)
			}
		}
	}
}

func read[T any](t *testing.T, file string) (value T) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return value
}

package step_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/metricstest"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/steps/internal/step"
	"example.com/onboarding/steps/internal/steptest"
)

// sent is the result of a step.
type sent struct {
	statemachine.Outcome

	MessageID string `json:"messageId"`
}

// handleFunc is the handler of a step.
type handleFunc = func(context.Context, statemachine.Task) (sent, error)

// run invokes the handler once and returns what was logged at level INFO and above,
// without the time.
func run(t *testing.T, task statemachine.Task, handle handleFunc) (result sent, log string, err error) {
	t.Helper()
	return runWith(t, &steptest.Records{}, task, handle)
}

func runWith(t *testing.T, records step.Records, task statemachine.Task, handle handleFunc) (result sent, log string, err error) {
	t.Helper()
	var logged bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	function := step.Function{State: "SendWelcomeEmail", Log: logger, Records: records, Metrics: metrics.Stack{
		Name: "onboarding", Now: func() time.Time { return task.StartTime.Add(812 * time.Millisecond) },
	}}
	result, err = step.Handler(function, handle)(t.Context(), task)
	return result, logged.String(), err
}

func TestSuccessIsReturnedAndLoggedInOneLine(t *testing.T) {
	task := steptest.Task(t)
	task.RetryCount = 3
	want := sent{Outcome: statemachine.Done(), MessageID: "m-1"}
	result, log, err := run(t, task, func(_ context.Context, got statemachine.Task) (sent, error) {
		if !reflect.DeepEqual(got, task) {
			t.Errorf("the step was given the task\n%+v, want\n%+v", got, task)
		}
		return want, nil
	})
	if err != nil || result != want {
		t.Errorf("got %+v and the error %v, want %+v", result, err, want)
	}
	const line = `{"level":"INFO","msg":"step ended","execution":"3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b","retryCount":3,` +
		`"result":{"status":"done","reason":"","messageId":"m-1"},"StepsEnded":1,"SinceConfirmed":812,`
	if !strings.HasPrefix(log, line) {
		t.Errorf("log\n got %swant %s…", log, line)
	}
	checkCounted(t, log, map[string]string{"State": "SendWelcomeEmail", "Status": "done", "Reason": "none"}, "StepsEnded", "SinceConfirmed")
}

func TestSkippedStepIsCountedByItsReason(t *testing.T) {
	_, log, _ := run(t, steptest.Task(t), func(context.Context, statemachine.Task) (sent, error) {
		return sent{Outcome: statemachine.Skipped("not verified")}, nil
	})
	checkCounted(t, log, map[string]string{
		"State": "SendWelcomeEmail", "Status": "skipped", "Reason": "not verified",
	}, "StepsEnded", "SinceConfirmed")
}

// checkCounted checks that the one line of the log counts in these metrics, with
// these dimensions and the stack.
func checkCounted(t *testing.T, log string, dimensions map[string]string, names ...string) {
	t.Helper()
	dimensions["Stack"] = "onboarding"
	values, err := metricstest.Read(log)
	if err != nil {
		t.Errorf("line %s: %v", log, err)
	}
	var got []string
	for _, v := range values {
		got = append(got, v.Name)
		if !maps.Equal(v.Dimensions, dimensions) {
			t.Errorf("%s has the dimensions %v, want %v", v.Name, v.Dimensions, dimensions)
		}
	}
	if !slices.Equal(got, names) {
		t.Errorf("counted in %v, want %v:\n%s", got, names, log)
	}
}

func TestFailureIsReturnedAsItIsAndLoggedInOneLine(t *testing.T) {
	cause := statemachine.Cause{Operation: "SES SendEmail", Code: "Throttling"}
	for name, want := range map[string]error{
		"ThrottledError":     &statemachine.ThrottledError{Cause: cause},
		"QuotaExceededError": &statemachine.QuotaExceededError{Cause: cause},
		"TransientError":     &statemachine.TransientError{Cause: cause},
		"NotReadyError":      &statemachine.NotReadyError{Cause: cause},
		"ConfigurationError": &statemachine.ConfigurationError{Cause: cause},
		"UnexpectedError":    &statemachine.UnexpectedError{Cause: cause},
		"errorString":        errors.New("SES SendEmail: Throttling"),
	} {
		t.Run(name, func(t *testing.T) {
			_, log, err := run(t, steptest.Task(t), func(context.Context, statemachine.Task) (sent, error) {
				return sent{}, want
			})
			if err != want { //nolint:errorlint // the very same value, not one that wraps it
				t.Errorf("got the error %#v, want %#v", err, want)
			}
			line := `{"level":"ERROR","msg":"step failed","execution":"3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b","retryCount":0,` +
				`"errorType":"` + name + `","error":"SES SendEmail: Throttling","StepFailures":1,`
			if !strings.HasPrefix(log, line) {
				t.Errorf("log\n got %swant %s…", log, line)
			}
			checkCounted(t, log, map[string]string{"State": "SendWelcomeEmail", "ErrorType": name}, "StepFailures")
		})
	}
}

func TestThrottleOfHalfAnHourIsAQuotaExceeded(t *testing.T) {
	cause := statemachine.Cause{Operation: "SES SendEmail", Code: "Throttling"}
	for _, test := range []struct {
		retryCount     int
		returned, want error
	}{
		{19, &statemachine.ThrottledError{Cause: cause}, &statemachine.ThrottledError{Cause: cause}},
		{20, &statemachine.ThrottledError{Cause: cause}, &statemachine.QuotaExceededError{Cause: cause}},
		{20, &statemachine.TransientError{Cause: cause}, &statemachine.TransientError{Cause: cause}},
	} {
		task := steptest.Task(t)
		task.RetryCount = test.retryCount
		_, log, err := run(t, task, func(context.Context, statemachine.Task) (sent, error) {
			return sent{}, test.returned
		})
		name := reflect.TypeOf(test.want).Elem().Name()
		if !reflect.DeepEqual(err, test.want) || !strings.Contains(log, `"errorType":"`+name+`"`) {
			t.Errorf("%T after %d retries: got %T, log %s, want %s", test.returned, test.retryCount, err, log, name)
		}
	}
}

func TestDebugLevelTellsThatAnAttemptBegan(t *testing.T) {
	var logged bytes.Buffer
	function := step.Function{Metrics: metrics.Stack{Now: time.Now}, Records: &steptest.Records{}}
	function.Log = slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	_, _ = step.Handler(function, func(context.Context, statemachine.Task) (sent, error) {
		if log := logged.String(); !strings.Contains(log, `"level":"DEBUG","msg":"step began","execution":"3f2a7c1e`) {
			t.Errorf("before the step the log is %q", log)
		}
		return sent{}, nil
	})(t.Context(), steptest.Task(t))
}

func TestIncompleteTaskIsUnexpected(t *testing.T) {
	for missing, strip := range map[string]func(*statemachine.Task){
		"state.userPoolId": func(task *statemachine.Task) { task.State.UserPoolID = "" },
		"state.username":   func(task *statemachine.Task) { task.State.Username = "" },
		"executionName":    func(task *statemachine.Task) { task.ExecutionName = "" },
		"state":            func(task *statemachine.Task) { *task = statemachine.Task{} },
	} {
		t.Run(missing, func(t *testing.T) {
			task := steptest.Task(t)
			strip(&task)
			_, log, err := run(t, task, func(context.Context, statemachine.Task) (sent, error) {
				t.Error("the step was called")
				return sent{}, nil
			})
			if got, want := reflect.TypeOf(err), reflect.TypeFor[*statemachine.UnexpectedError](); got != want {
				t.Fatalf("got a %v (%v), want a %v", got, err, want)
			}
			if want := "task has no " + missing; !strings.Contains(err.Error(), want) {
				t.Errorf("text %q lacks %q", err, want)
			}
			if !strings.Contains(log, `"errorType":"UnexpectedError"`) || strings.Count(log, "\n") != 1 {
				t.Errorf("want one log line with the errorType, got\n%s", log)
			}
		})
	}
}

func TestLogHasNeitherUsernameNorMetadata(t *testing.T) {
	task := steptest.Task(t)
	task.State.Username = "jane.doe@example.com"
	task.State.Metadata = map[string]string{"locale": "jane.doe"}
	for _, result := range []error{nil, &statemachine.TransientError{}} {
		_, log, _ := run(t, task, func(context.Context, statemachine.Task) (sent, error) {
			return sent{}, result
		})
		if strings.Contains(log, "jane.doe") {
			t.Errorf("step that returns %v: the log has the username or the metadata:\n%s", result, log)
		}
	}
}

func TestContextReachesTheStep(t *testing.T) {
	_, _, _ = run(t, steptest.Task(t), func(ctx context.Context, _ statemachine.Task) (sent, error) {
		if ctx != t.Context() {
			t.Error("the step was given another context: the deadline of the function would be lost")
		}
		return sent{}, nil
	})
}

func TestConfigMakesTwoQuickAttempts(t *testing.T) {
	cfg := step.New("AddUserToGroup", "onboarding").Config(func(name string) string { return map[string]string{"AWS_REGION": "eu-west-1"}[name] })
	if cfg.Region != "eu-west-1" {
		t.Errorf("region %q, want the one of the environment, eu-west-1", cfg.Region)
	}
	retryer := cfg.Retryer()
	if got := retryer.MaxAttempts(); got != 2 {
		t.Errorf("%d attempts, want 2", got)
	}
	if retryer.IsErrorRetryable(&smithy.GenericAPIError{Code: "TooManyRequestsException"}) {
		t.Error("a throttled call is attempted again, and the function waits for that")
	}
	for range 20 {
		if got, err := retryer.RetryDelay(1, errors.New("down")); err != nil || got > 500*time.Millisecond {
			t.Errorf("delay before the second attempt is %v (error %v), want at most 500 ms", got, err)
		}
	}
}

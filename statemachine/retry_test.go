package statemachine_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"example.com/onboarding/statemachine"
)

// retried are the errors of this package that the definition retries; the others
// stop the execution at once.
var (
	retried    = []reflect.Type{reflect.TypeFor[statemachine.ThrottledError](), reflect.TypeFor[statemachine.TransientError]()}
	notRetried = []reflect.Type{reflect.TypeFor[statemachine.ConfigurationError](), reflect.TypeFor[statemachine.UnexpectedError]()}
)

// service are the errors of Lambda and of Step Functions itself that are retried.
var service = []string{
	"Lambda.AWSLambdaException", "Lambda.ClientExecutionTimeoutException", "Lambda.SdkClientException",
	"Lambda.ServiceException", "Lambda.TooManyRequestsException", "Lambda.Unknown",
	"Sandbox.Timedout", "States.Timeout",
}

func TestRetriesNameTheGoTypes(t *testing.T) {
	want := slices.Clone(service)
	for _, e := range retried {
		want = append(want, e.Name())
	}
	slices.Sort(want)
	for name, s := range definition(t).States {
		var got []string
		for _, r := range s.Retry {
			got = append(got, r.ErrorEquals...)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s retries %v, want %v", name, got, want)
		}
		for _, e := range notRetried {
			if slices.Contains(got, e.Name()) {
				t.Errorf("%s retries %s", name, e.Name())
			}
		}
	}
}

func TestEveryRetryIsJitteredAndExplained(t *testing.T) {
	for name, s := range definition(t).States {
		for _, r := range s.Retry {
			if r.JitterStrategy != "FULL" || r.Comment == "" {
				t.Errorf("%s, %v: jitter %q, comment %q", name, r.ErrorEquals, r.JitterStrategy, r.Comment)
			}
		}
	}
}

// TestHorizons computes how long each error is retried on average: full jitter
// halves each delay.
func TestHorizons(t *testing.T) {
	for errorName, limits := range map[string]struct{ atLeast, atMost time.Duration }{
		"ThrottledError": {26 * time.Hour, 36 * time.Hour},
		"TransientError": {2 * time.Minute, 10 * time.Minute},
	} {
		for name, s := range definition(t).States {
			i := slices.IndexFunc(s.Retry, func(r retrier) bool { return slices.Contains(r.ErrorEquals, errorName) })
			if i < 0 {
				t.Errorf("%s does not retry %s", name, errorName)
				continue
			}
			if got := s.Retry[i].horizon() / 2; got < limits.atLeast || got > limits.atMost {
				t.Errorf("%s retries %s for %v on average, want %v to %v", name, errorName, got, limits.atLeast, limits.atMost)
			}
		}
	}
}

// horizon is the sum of all delays without jitter.
func (r retrier) horizon() time.Duration {
	var sum time.Duration
	delay := time.Duration(r.IntervalSeconds) * time.Second
	longest := time.Duration(r.MaxDelaySeconds) * time.Second
	for range r.MaxAttempts {
		sum += min(delay, longest)
		delay = min(longest, time.Duration(float64(delay)*r.BackoffRate))
	}
	return sum
}

func TestErrorTextHasNoMore(t *testing.T) {
	cause := statemachine.Cause{Operation: "SES SendEmail", Code: "Throttling"}
	if got, want := (&statemachine.ThrottledError{Cause: cause}).Error(), "SES SendEmail: Throttling"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	cause.Detail = "the daily quota is reached"
	if got, want := (&statemachine.TransientError{Cause: cause}).Error(), "SES SendEmail: Throttling: the daily quota is reached"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

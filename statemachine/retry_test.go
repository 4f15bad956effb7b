package statemachine_test

import (
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"example.com/onboarding/statemachine"
)

// retried are the errors of this package that the definition retries; the others
// stop the execution at once.
var (
	retried = []reflect.Type{
		reflect.TypeFor[statemachine.ThrottledError](), reflect.TypeFor[statemachine.QuotaExceededError](),
		reflect.TypeFor[statemachine.TransientError](),
	}
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
		"ThrottledError":     {26 * time.Hour, 36 * time.Hour},
		"QuotaExceededError": {26 * time.Hour, 60 * time.Hour},
		"TransientError":     {2 * time.Minute, 10 * time.Minute},
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

// TestThrottlesOutlastADay draws the delays of many executions: the shortest must
// be longer than SES's daily quota can last.
func TestThrottlesOutlastADay(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, s := range definition(t).States {
		for _, r := range s.Retry[:2] {
			shortest := 1000 * time.Hour
			for range 20_000 {
				shortest = min(shortest, r.draw(random))
			}
			if shortest < 24*time.Hour {
				t.Errorf("%s retries %v for %v only", name, r.ErrorEquals, shortest)
			}
		}
	}
}

// draw is the sum of all delays with full jitter.
func (r retrier) draw(random *rand.Rand) time.Duration {
	var sum time.Duration
	for delay := range r.delays() {
		sum += time.Duration(random.Int64N(int64(delay)))
	}
	return sum
}

// horizon is the sum of all delays without jitter.
func (r retrier) horizon() time.Duration {
	var sum time.Duration
	for delay := range r.delays() {
		sum += delay
	}
	return sum
}

// delays are the delays before each retry, without jitter.
func (r retrier) delays() iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		delay := time.Duration(r.IntervalSeconds) * time.Second
		longest := time.Duration(r.MaxDelaySeconds) * time.Second
		for range r.MaxAttempts {
			if !yield(min(delay, longest)) {
				return
			}
			delay = min(longest, time.Duration(float64(delay)*r.BackoffRate))
		}
	}
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

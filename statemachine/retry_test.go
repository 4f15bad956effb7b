package statemachine_test

import (
	"reflect"
	"slices"
	"testing"

	"example.com/onboarding/statemachine"
)

// retried are the errors of this package that the definition retries; the others
// stop the execution at once.
var (
	retried = []reflect.Type{
		reflect.TypeFor[statemachine.ThrottledError](), reflect.TypeFor[statemachine.QuotaExceededError](),
		reflect.TypeFor[statemachine.TransientError](), reflect.TypeFor[statemachine.NotReadyError](),
	}
	// decided is retried by the states whose call cannot be repeated.
	decided    = reflect.TypeFor[statemachine.UndecidedError]().Name()
	notRetried = []reflect.Type{reflect.TypeFor[statemachine.ConfigurationError](), reflect.TypeFor[statemachine.UnexpectedError]()}
)

// service are the errors of Lambda and of Step Functions itself that are retried.
var service = []string{
	"Lambda.AWSLambdaException", "Lambda.AccessDeniedException", "Lambda.ClientExecutionTimeoutException",
	"Lambda.ResourceConflictException", "Lambda.ResourceNotFoundException", "Lambda.ResourceNotReadyException",
	"Lambda.SdkClientException", "Lambda.ServiceException", "Lambda.TooManyRequestsException", "Lambda.Unknown",
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
		if i, found := slices.BinarySearch(got, decided); found {
			got = slices.Delete(got, i, i+1)
		}
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

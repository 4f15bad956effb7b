package retry_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/numbers/retry"
	"example.com/onboarding/statemachine/internal/asl"
)

// retriers are those of a state: throttles after 1, 10, 10 … seconds without jitter, and
// used-up quotas after 60 with it.
func retriers() []asl.Retrier {
	return []asl.Retrier{
		{ErrorEquals: []string{retry.Throttled, retry.NoRoom}, IntervalSeconds: new(1.0), BackoffRate: new(10.0), MaxDelaySeconds: new(10.0), MaxAttempts: new(50.0)},
		{ErrorEquals: []string{retry.QuotaExceeded}, IntervalSeconds: new(60.0), BackoffRate: new(1.0), MaxAttempts: new(4.0), JitterStrategy: asl.FullJitter},
	}
}

func TestDelaysAreThoseOfTheRetrier(t *testing.T) {
	used := make([]uint16, 2)
	for i, want := range []time.Duration{time.Second, 10 * time.Second, 10 * time.Second} {
		if got, retried := retry.Next(retriers(), used, retry.NoRoom, retry.Mean); got != want || !retried {
			t.Errorf("delay %d is %v (retried %t), want %v", i, got, retried, want)
		}
	}
	if got, _ := retry.Next(retriers(), used, retry.QuotaExceeded, retry.Mean); got != 30*time.Second {
		t.Errorf("with full jitter %v on average, want half of a minute", got)
	}
	if !slices.Equal(used, []uint16{3, 1}) {
		t.Errorf("counted %v", used)
	}
}

func TestOtherErrorsAreNotRetried(t *testing.T) {
	if delay, retried := retry.Next(retriers(), make([]uint16, 2), "Other", retry.Mean); retried {
		t.Errorf("retried after %v", delay)
	}
}

// TestLongThrottleIsRetriedAsAUsedUpQuota knows that the retries of both errors are
// added up, and that another error of the same retrier stays what it is.
func TestLongThrottleIsRetriedAsAUsedUpQuota(t *testing.T) {
	for name, want := range map[string]int{retry.Throttled: statemachine.ThrottledRetries + 4, retry.NoRoom: 50, retry.QuotaExceeded: 4} {
		if got, _ := retry.During(retry.Forever, retriers(), name, retry.Mean); got != want {
			t.Errorf("%s is retried %d times, want %d", name, got, want)
		}
	}
}

func TestErrorThatEndsIsNotRetriedAnyMore(t *testing.T) {
	for lasting, want := range map[time.Duration]int{0: 0, time.Second: 1, 12 * time.Second: 3, 21 * time.Second: 3, 22 * time.Second: 4} {
		if got, waited := retry.During(lasting, retriers(), retry.NoRoom, retry.Mean); got != want || waited < lasting {
			t.Errorf("an error of %v: %d retries in %v, want %d", lasting, got, waited, want)
		}
	}
}

func TestRandomDelaysAreUpToTheLongest(t *testing.T) {
	draw := retry.Random(rand.New(rand.NewPCG(1, 2)))
	var least, most, sum time.Duration = time.Hour, 0, 0
	for range 1000 {
		d := draw(time.Minute)
		least, most, sum = min(least, d), max(most, d), sum+d
	}
	if least > time.Second || most > time.Minute || most < 59*time.Second || sum/1000 < 28*time.Second || sum/1000 > 32*time.Second {
		t.Errorf("from %v to %v, %v on average, want up to a minute and half of it", least, most, sum/1000)
	}
}

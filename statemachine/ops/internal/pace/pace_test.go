package pace

import (
	"context"
	"errors"
	"testing"
	"time"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// quickPace is a pace whose pauses end at once, and are counted.
func quickPace(pauses *int) *Pace {
	p := New(1000, 1000)
	p.sleep = func(ctx context.Context, d time.Duration) error {
		if d < minPause/2 || d > maxPause {
			return errors.New("a pause of " + d.String())
		}
		*pauses++
		return ctx.Err()
	}
	return p
}

func TestThrottledCallIsMadeUntilItPasses(t *testing.T) {
	for _, code := range []string{"ThrottlingException", "TooManyRequestsException"} {
		t.Run(code, func(t *testing.T) {
			var pauses, calls int
			p := quickPace(&pauses)
			err := p.Do(t.Context(), func() error {
				if calls++; calls <= 30 {
					return opstest.APIError(code)
				}
				return nil
			})
			if err != nil || calls != 31 || pauses != 30 {
				t.Errorf("%d calls, %d pauses, %v; want 31, 30, nil", calls, pauses, err)
			}
		})
	}
}

func TestThrottlingLowersTheRateForAWhile(t *testing.T) {
	var pauses int
	p := quickPace(&pauses)
	throttled := true
	call := func() error {
		if throttled {
			throttled = false
			return opstest.APIError("ThrottlingException")
		}
		return nil
	}
	if err := p.Do(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	if p.limiter.Limit() >= p.full {
		t.Errorf("%v calls a second after throttling, want less than %v", p.limiter.Limit(), p.full)
	}
	for range 10 {
		if err := p.Do(t.Context(), call); err != nil {
			t.Fatal(err)
		}
	}
	if p.limiter.Limit() != p.full {
		t.Errorf("%v calls a second after ten that passed, want %v", p.limiter.Limit(), p.full)
	}
}

func TestOtherErrorsAreReturned(t *testing.T) {
	var pauses, calls int
	err := quickPace(&pauses).Do(t.Context(), func() error { calls++; return opstest.APIError("AccessDeniedException") })
	if err == nil || calls != 1 || pauses != 0 {
		t.Errorf("%d calls, %d pauses, %v; want one call and its error", calls, pauses, err)
	}
}

func TestInterruptionEndsAPause(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := New(1, 1).Do(ctx, func() error { cancel(); return opstest.APIError("ThrottlingException") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want canceled", err)
	}
}

func TestCallsArePaced(t *testing.T) {
	began := time.Now()
	p := New(100, 1)
	for range 11 {
		if err := p.Do(t.Context(), func() error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 90*time.Millisecond {
		t.Errorf("11 calls at 100 a second took %v", took)
	}
}

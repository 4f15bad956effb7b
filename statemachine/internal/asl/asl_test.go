package asl_test

import (
	"testing"
	"time"

	"example.com/onboarding/statemachine/internal/asl"
)

func TestDelaysGrowUpToTheirLimit(t *testing.T) {
	r := asl.Retrier{IntervalSeconds: new(2.0), BackoffRate: new(2.0), MaxDelaySeconds: new(900.0)}
	for n, want := range map[int]time.Duration{0: 2 * time.Second, 1: 4 * time.Second, 8: 512 * time.Second, 9: 900 * time.Second, 239: 900 * time.Second} {
		if got := r.Delay(n); got != want {
			t.Errorf("delay after %d retries is %v, want %v", n, got, want)
		}
	}
}

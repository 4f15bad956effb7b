package retry_test

import (
	"math/rand/v2"
	"os"
	"regexp"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/numbers/retry"
	"example.com/onboarding/statemachine/dev/project"
	"example.com/onboarding/statemachine/internal/asl"
)

func steps(t *testing.T) []project.Step {
	t.Helper()
	p, err := project.Read("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	return p.Steps
}

// TestErrorsAreRetriedAsLongAsIsPromised computes how long each state retries on average.
func TestErrorsAreRetriedAsLongAsIsPromised(t *testing.T) {
	for errorName, limits := range map[string]struct{ atLeast, atMost time.Duration }{
		retry.Throttled:     {26 * time.Hour, 60 * time.Hour},
		retry.NoRoom:        {26 * time.Hour, 36 * time.Hour},
		retry.QuotaExceeded: {26 * time.Hour, 60 * time.Hour},
		"TransientError":    {2 * time.Minute, 10 * time.Minute},
		"NotReadyError":     {5 * time.Minute, 10 * time.Minute},
	} {
		for _, s := range steps(t) {
			if _, got := retry.During(retry.Forever, s.Definition.Retry, errorName, retry.Mean); got < limits.atLeast || got > limits.atMost {
				t.Errorf("%s retries %s for %v on average, want %v to %v", s.State, errorName, got, limits.atLeast, limits.atMost)
			}
		}
	}
}

// TestThrottlesOutlastADay draws the delays of many executions: SES counts its daily
// quota over a sliding 24 hours, and the shortest must be longer.
func TestThrottlesOutlastADay(t *testing.T) {
	draw := retry.Random(rand.New(rand.NewPCG(1, 2)))
	for _, s := range steps(t) {
		for _, errorName := range []string{retry.Throttled, retry.QuotaExceeded} {
			shortest := 1000 * time.Hour
			for range 2_000 {
				_, waited := retry.During(retry.Forever, s.Definition.Retry, errorName, draw)
				shortest = min(shortest, waited)
			}
			if shortest < 24*time.Hour {
				t.Errorf("%s retries %s for %v only", s.State, errorName, shortest)
			}
		}
	}
}

var patience = regexp.MustCompile(`RECEIPT_PATIENCE: (\w+)`)

// TestUndecidedMailsOutlastTheWaitForReceipts draws the delays of many executions: the
// retries must go on after the time in which a mail waits for its receipt, which begins
// when the function is over, or the execution would stop before the mail is sent again.
func TestUndecidedMailsOutlastTheWaitForReceipts(t *testing.T) {
	template, err := os.ReadFile("../../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	draw, tried := retry.Random(rand.New(rand.NewPCG(1, 2))), false
	for _, s := range steps(t) {
		if asl.RetrierOf(s.Definition.Retry, "UndecidedError") < 0 {
			continue
		}
		tried = true
		found := patience.FindSubmatch(template)
		if found == nil {
			t.Fatal("template.yaml has no RECEIPT_PATIENCE")
		}
		wait, err := time.ParseDuration(string(found[1]))
		if err != nil {
			t.Fatal(err)
		}
		wait += time.Duration(s.Function.Timeout) * time.Second
		for range 20_000 {
			if _, waited := retry.During(retry.Forever, s.Definition.Retry, "UndecidedError", draw); waited < wait {
				t.Fatalf("%s retries UndecidedError for %v, and a receipt has %v", s.State, waited, wait)
			}
		}
	}
	if !tried && patience.Match(template) {
		t.Error("no state retries UndecidedError")
	}
}

package statemachine_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/cost"
)

const retriesDoc = "RETRIES.md"

// TestRetriesDoc compares RETRIES.md with what follows from the definition.
func TestRetriesDoc(t *testing.T) {
	got := retriesText(t)
	if *update {
		if err := os.WriteFile(retriesDoc, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(retriesDoc)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is stale (make docs mends it): it should be\n%s", retriesDoc, got)
	}
}

func retriesText(t *testing.T) string {
	t.Helper()
	m := definition(t)
	states := path(t, m)
	first := m.States[states[0]]
	throttled, exceeded, transient := first.Retry[0], first.Retry[1], first.Retry[2]
	for _, name := range states {
		if !slices.EqualFunc(m.States[name].Retry, first.Retry, sameDelays) {
			t.Fatalf("%s retries otherwise than %s: RETRIES.md has one table for all", name, states[0])
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, retriesIntro, len(states))
	for _, r := range first.Retry {
		fmt.Fprintf(&b, "| %s | %d | %d s, ×%g | %d s | %s | %s |\n", strings.Join(r.ErrorEquals, ", "),
			r.MaxAttempts, r.IntervalSeconds, r.BackoffRate, r.MaxDelaySeconds, short(r.horizon()/2), short(r.horizon()))
	}
	fmt.Fprintf(&b, costIntro, statemachine.ThrottledRetries, cost.Transition.Dollars)
	happy := len(states)
	row := func(trouble string, retries int) {
		n := happy + retries
		fmt.Fprintf(&b, "| %s | %d | $%.6f | $%.0f |\n", trouble, n, cost.Transition.Of(float64(n)), cost.Transition.Of(float64(n)*1e6))
	}
	row("none", 0)
	row("one step fails once", 1)
	for _, d := range []time.Duration{time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour} {
		row("one step throttled for "+short(d), throttledFor(d, throttled, exceeded))
	}
	row("SES's daily quota used up for 24 h", exceeded.retriesIn(24*time.Hour))
	row("throttled until the retries are used up", statemachine.ThrottledRetries+exceeded.MaxAttempts)
	row("transient until the retries are used up", transient.MaxAttempts)
	// A redrive is a transition, and so is each state that it runs again
	// (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-transitions.html).
	row("a redrive of the last step", 2)
	return b.String()
}

// throttledFor is how many retries a throttle that lasts so long takes on average:
// after the first ones the step calls it a used-up quota.
func throttledFor(lasting time.Duration, throttled, exceeded retrier) int {
	throttled.MaxAttempts = statemachine.ThrottledRetries
	if first := throttled.horizon() / 2; lasting > first {
		return throttled.MaxAttempts + exceeded.retriesIn(lasting-first)
	}
	return throttled.retriesIn(lasting)
}

func sameDelays(a, b retrier) bool {
	return a.MaxAttempts == b.MaxAttempts && a.horizon() == b.horizon()
}

// retriesIn is how many retries an error that lasts so long takes on average.
func (r retrier) retriesIn(lasting time.Duration) int {
	for n := range r.MaxAttempts {
		shorter := r
		shorter.MaxAttempts = n
		if shorter.horizon()/2 >= lasting {
			return n
		}
	}
	return r.MaxAttempts
}

func short(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%g h", math.Round(d.Hours()*10)/10)
	case d >= time.Minute:
		return fmt.Sprintf("%g min", math.Round(d.Minutes()*10)/10)
	}
	return d.String()
}

const retriesIntro = `# How long it is retried, and what that costs

Made from onboarding.asl.json by ` + "`make docs`" + `; the %d states retry alike.

| error | retries | first delay, growth | longest delay | horizon on average | at most |
|---|---|---|---|---|---|
`

const costIntro = `
Full jitter draws each delay between zero and the value, so that the horizon is half
of the sum on average. Where the numbers come from:

- A longest delay of 3 minutes is what a user waits at the worst once a burst is
  through, 1.5 on average. A shorter one costs more transitions, a longer one sends
  the last mails of a burst later: [BURSTS.md](BURSTS.md) compares. Growth by 10 spares
  a burst the retries after 4, 8, 16 … seconds, which are in vain.
- A step returns QuotaExceededError for SES's daily quota, and in the place of
  ThrottledError once its state has been retried %d times, which takes half an hour:
  what throttles for so long may do so for hours, and is cheaper to wait out with long
  delays.
- SES counts its daily quota over a sliding 24 hours, so that both must outlast 24
  hours. They do so in every one of 20,000 simulated executions. (ThrottledError is
  not retried for as long; Lambda.TooManyRequestsException may be.)
- Cognito confirms 50 users a second and changes 25 groups; neither quota can be
  raised. A burst of n users leaves n/2 group changes behind, which take n/50
  seconds: the two days of QuotaExceededError are enough for eight million users.
- What is not throttling and lasts longer than some minutes, an operator should see.

A retry is a state transition. What one user costs, and a million of them, at
$%g per 1,000 transitions:

| trouble | transitions | one user | a million |
|---|---|---|---|
`

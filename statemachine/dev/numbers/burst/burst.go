// Package burst answers by simulation what a burst of sign-ups does to the workflow:
// when the last user is onboarded compared with what the quotas of AWS allow, how many
// state transitions that takes, and whether anybody is lost.
//
// Simulated are each user's confirmation, trigger, execution and states, and the calls
// of each function in their order, against the quotas as token buckets. A throttled
// call ends the function, as in the steps, and the state retries. A call takes as long
// as is assumed for the costs, and a function nothing else.
package burst

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"example.com/onboarding/statemachine/dev/numbers/cost"
	"example.com/onboarding/statemachine/dev/numbers/retry"
	"example.com/onboarding/statemachine/internal/asl"
)

const (
	callTime    = cost.CallMillis * time.Millisecond
	day         = 24 * time.Hour
	maxRetriers = 5
)

// State is a state of the path that every execution takes.
type State struct {
	Name     string
	Retriers []asl.Retrier
	// Calls are the calls of its function when all goes well: service and operation.
	Calls []string
}

// Scenario is a burst of sign-ups, and the account that it meets.
type Scenario struct {
	Name  string
	Users int
	// Span is the time in which the users come, evenly but at random. Cognito
	// confirms no more than its quota allows.
	Span time.Duration
	// Functions is how many invocations Lambda runs at once.
	Functions int
	// MailsUsedUp says that SES's daily quota was used up just before, so that SES
	// takes no mail for a day.
	MailsUsedUp bool
	Goal        *Goal
}

// Goal is what a burst must not exceed, beside losing nobody.
type Goal struct {
	// OfLimit is how long it may take until the last user is onboarded, as a multiple
	// of what the quotas allow.
	OfLimit float64
	// Transitions is how many a user may take on average; 0 for any number.
	Transitions float64
}

// Scenarios are the bursts of the documents.
func Scenarios() []Scenario {
	return []Scenario{
		{Name: "10,000 in 5 minutes", Users: 10_000, Span: 5 * time.Minute, Functions: 1000, Goal: &Goal{1.25, 12}},
		{Name: "a million in a day", Users: 1_000_000, Span: day, Functions: 1000, Goal: &Goal{OfLimit: 1.1}},
		{Name: "10,000 in 5 minutes, SES's daily quota used up", Users: 10_000, Span: 5 * time.Minute, Functions: 1000, MailsUsedUp: true, Goal: &Goal{OfLimit: 1.1}},
		{Name: "10,000 in 5 minutes, Lambda's concurrency 10", Users: 10_000, Span: 5 * time.Minute, Functions: 10},
	}
}

// Result is what became of a burst.
type Result struct {
	Scenario Scenario
	// Limit is when the last user would be onboarded if nothing but the quotas took
	// time, and Last when that was.
	Limit, Last time.Duration
	// First and Done are the seconds from the confirmation of each user to the end of
	// the first state, and of the last.
	First, Done []float64
	// Transitions are those of all users, and Most those of one.
	Transitions, Most int
	// Functions is how many ran at once at most.
	Functions int
	// Stopped executions have used their retries up, and can be redriven; users were
	// TurnedAway when Lambda had no room for the trigger, and are to be backfilled.
	Stopped, TurnedAway int
}

// Simulate simulates a burst. The same seed gives the same result.
func Simulate(s Scenario, states []State, seed uint64) (Result, error) {
	for _, state := range states {
		if len(state.Retriers) > maxRetriers {
			return Result{}, fmt.Errorf("state %s has %d retriers, more than %d", state.Name, len(state.Retriers), maxRetriers)
		}
	}
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // the same in every run, on purpose
	w := &world{
		states: states, users: make([]user, s.Users), room: s.Functions, draw: retry.Random(random),
		quotas: make(map[string]*bucket), result: Result{Scenario: s},
	}
	for _, q := range Quotas {
		w.quotas[q.Operation] = newBucket(q.PerSecond)
	}
	if s.MailsUsedUp {
		w.quotas[mail].closed = day
	}
	for _, state := range states {
		limited := make([]*bucket, len(state.Calls))
		for i, operation := range state.Calls {
			limited[i] = w.quotas[operation]
		}
		w.calls = append(w.calls, limited)
	}
	w.run(s.confirmations(random, w.quotas[confirm]))
	return w.result, nil
}

// confirmations are the times at which Cognito confirms the users.
func (s Scenario) confirmations(random *rand.Rand, quota *bucket) []time.Duration {
	at := make([]time.Duration, s.Users)
	for i := range at {
		at[i] = time.Duration(random.Int64N(max(int64(s.Span), 1)))
	}
	slices.Sort(at)
	for i := range at {
		at[i] = quota.reserve(at[i])
	}
	return at
}

// OfLimit is how long it took as a multiple of the limit.
func (r Result) OfLimit() float64 { return r.Last.Seconds() / r.Limit.Seconds() }

// PerUser is how many transitions a user took on average.
func (r Result) PerUser() float64 { return float64(r.Transitions) / float64(r.Scenario.Users) }

// Lost is how many users are not onboarded unless an operator does something.
func (r Result) Lost() int { return r.Stopped + r.TurnedAway }

// Missed are the parts of the goal that the result misses.
func (r Result) Missed() (missed []string) {
	g := r.Scenario.Goal
	if g == nil {
		return nil
	}
	if r.OfLimit() > g.OfLimit {
		missed = append(missed, fmt.Sprintf("%.2f times the limit, at most %.2f", r.OfLimit(), g.OfLimit))
	}
	if g.Transitions > 0 && r.PerUser() > g.Transitions {
		missed = append(missed, fmt.Sprintf("%.1f transitions a user, at most %.1f", r.PerUser(), g.Transitions))
	}
	if r.Lost() > 0 {
		missed = append(missed, fmt.Sprintf("%d users lost", r.Lost()))
	}
	return missed
}

package burst

import (
	"reflect"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/numbers/retry"
	"example.com/onboarding/statemachine/internal/asl"
)

// path are two states, of which the second sends a mail. Throttles are retried after so
// many seconds, without jitter, and as often.
func path(seconds, attempts float64) []State {
	retriers := []asl.Retrier{
		{ErrorEquals: []string{retry.Throttled, retry.NoRoom}, IntervalSeconds: &seconds, BackoffRate: new(1.0), MaxAttempts: &attempts},
		{ErrorEquals: []string{retry.QuotaExceeded}, IntervalSeconds: new(1800.0), BackoffRate: new(1.0), MaxAttempts: new(100.0)},
	}
	return []State{
		{Name: "First", Retriers: retriers, Calls: []string{"dynamodb PutItem"}},
		{Name: "Second", Retriers: retriers, Calls: []string{mail, "dynamodb PutItem"}},
	}
}

// run simulates a scenario, and checks that each user is counted once.
func run(t *testing.T, s Scenario, states []State) Result {
	t.Helper()
	r, err := Simulate(s, states, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Done) + r.Stopped + r.TurnedAway; n != s.Users {
		t.Errorf("%d onboarded, %d stopped, %d turned away: %d users came", len(r.Done), r.Stopped, r.TurnedAway, s.Users)
	}
	return r
}

func TestOneUserWaitsForNothing(t *testing.T) {
	r := run(t, Scenario{Users: 1, Functions: 10}, path(1, 1))
	if want := 4 * callTime; r.Transitions != 2 || r.Last != want || r.Functions != 1 {
		t.Errorf("%d transitions, onboarded after %v with %d functions at once; want 2, %v, 1", r.Transitions, r.Last, r.Functions, want)
	}
}

// TestThrottledUsersAreRetried has SES take 14 mails of 30 at once, and the others a
// minute later: fourteen and then two.
func TestThrottledUsersAreRetried(t *testing.T) {
	r := run(t, Scenario{Users: 30, Functions: 100}, path(60, 9))
	if want := 2 * time.Minute; r.Last < want || r.Last > want+time.Second || r.Transitions != 2*30+16+2 || r.Most != 4 {
		t.Errorf("the last after %v with %d transitions, %d at the most; want %v, %d, 4", r.Last, r.Transitions, r.Most, want, 2*30+16+2)
	}
	if want := time.Second * 30 / 14; r.Limit < want || r.Limit > want+time.Millisecond {
		t.Errorf("the quotas allow %v, want %v", r.Limit, want)
	}
}

func TestUserWithoutRetriesLeftIsStoppedAndLost(t *testing.T) {
	r := run(t, Scenario{Users: 30, Functions: 100}, path(60, 0))
	if r.Stopped != 16 || r.Lost() != 16 || len(r.First) != 30 {
		t.Errorf("%d stopped, %d lost, %d done with the first state; want 16, 16, 30", r.Stopped, r.Lost(), len(r.First))
	}
}

func TestDailyQuotaIsWaitedOutWithItsOwnRetrier(t *testing.T) {
	r := run(t, Scenario{Users: 10, Functions: 100, MailsUsedUp: true}, path(60, 0))
	if len(r.Done) != 10 || r.Last < day || r.Last > day+time.Hour || r.Limit < day {
		t.Errorf("%d onboarded, the last after %v of %v; want 10, and a day", len(r.Done), r.Last, r.Limit)
	}
}

func TestTriggerWithoutRoomTurnsUsersAway(t *testing.T) {
	r := run(t, Scenario{Users: 200, Functions: 1}, path(1, 100))
	if r.TurnedAway == 0 || r.Functions != 1 || r.Lost() < r.TurnedAway {
		t.Errorf("%d turned away, %d lost, %d functions at once; want some, as many, and 1", r.TurnedAway, r.Lost(), r.Functions)
	}
}

func TestCognitoConfirmsNoMoreThanItsQuota(t *testing.T) {
	r := run(t, Scenario{Users: 1000, Functions: 1000}, path(1, 1000)[:1])
	if want := 19 * time.Second; r.Limit < want || r.Limit > want+time.Millisecond {
		t.Errorf("1000 users at once are confirmed in %v, want 50 at once and 50 a second: %v", r.Limit, want)
	}
}

func TestSameSeedSameResult(t *testing.T) {
	states := path(2, 500)
	states[1].Retriers[0].JitterStrategy = asl.FullJitter
	var results []Result
	for _, seed := range []uint64{1, 1, 2} {
		r, err := Simulate(Scenario{Users: 300, Span: 5 * time.Second, Functions: 1000}, states, seed)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
	if !reflect.DeepEqual(results[0], results[1]) {
		t.Error("the same seed gives two results")
	}
	if reflect.DeepEqual(results[0], results[2]) {
		t.Error("another seed gives the same result")
	}
}

func TestGoalTellsWhatIsMissed(t *testing.T) {
	s := Scenario{Users: 30, Functions: 100, Goal: &Goal{OfLimit: 1.25, Transitions: 2.5}}
	if missed := run(t, s, path(60, 9)).Missed(); len(missed) != 2 {
		t.Errorf("missed %q, want the time and the transitions", missed)
	}
	if missed := run(t, s, path(60, 0)).Missed(); len(missed) != 1 {
		t.Errorf("missed %q, want the users lost", missed)
	}
	s.Users = 10
	if missed := run(t, s, path(60, 9)).Missed(); len(missed) != 0 {
		t.Errorf("missed %q, want nothing", missed)
	}
}

func TestMoreRetriersThanAreCountedAreRefused(t *testing.T) {
	if _, err := Simulate(Scenario{Users: 1}, []State{{Retriers: make([]asl.Retrier, maxRetriers+1)}}, 1); err == nil {
		t.Error("no error")
	}
}

func TestBucketTakesItsBurstAndThenItsRate(t *testing.T) {
	b := newBucket(2)
	var taken []time.Duration
	for at := time.Duration(0); at <= 3*time.Second; at += 100 * time.Millisecond {
		for b.take(at) {
			taken = append(taken, at)
		}
	}
	if len(taken) != 2+6 || taken[1] != 0 || taken[2] != 500*time.Millisecond {
		t.Errorf("taken at %v, want two at once and then two a second", taken)
	}
}

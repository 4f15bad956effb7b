package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine"
)

// definition returns the steps of the definition, with texts of it replaced.
func definition(t *testing.T, replace ...string) []step {
	t.Helper()
	text := strings.NewReplacer(replace...).Replace(statemachine.Definition)
	if len(replace) > 0 && text == statemachine.Definition {
		t.Fatalf("the definition has none of %q", replace)
	}
	steps, err := readDefinition(text)
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// run simulates users who come at once, and checks that each is counted once.
func run(t *testing.T, users int, a account, m mode, steps []step) result {
	t.Helper()
	r, err := simulate(scenario{users: users, account: a}, m, steps, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := r.onboarded + r.stopped + r.turnedAway; n != users || r.in != 0 {
		t.Errorf("%d onboarded, %d stopped, %d turned away, %d under way: %d users came", r.onboarded, r.stopped, r.turnedAway, r.in, users)
	}
	if m == retries && r.transitions != len(steps)*r.onboarded+r.count.retries && r.stopped == 0 {
		t.Errorf("%d transitions, want one for each state of %d users and %d retries", r.transitions, r.onboarded, r.count.retries)
	}
	return r
}

func TestOneUserWaitsForNothing(t *testing.T) {
	r := run(t, 1, grown, retries, definition(t))
	if r.transitions != 4 || r.onboarded != 1 || r.count.retries != 0 || r.lastMail > time.Second {
		t.Errorf("%d transitions, %d onboarded, %d retries, mailed after %v; want 4, 1, 0 and milliseconds", r.transitions, r.onboarded, r.count.retries, r.lastMail)
	}
}

// TestDelaysWithoutJitterAreAddedUp has SES take two mails a second. Of 20 users at
// once two are mailed, and two more at each retry: after 2, 20 and then each 180
// seconds.
func TestDelaysWithoutJitterAreAddedUp(t *testing.T) {
	steps := definition(t, `"JitterStrategy": "FULL"`, `"JitterStrategy": "NONE"`)
	r := run(t, 20, account{mails: sesRate(2), functions: 1000}, retries, steps)
	want := (2 + 20 + 7*180) * time.Second
	if r.lastMail < want || r.lastMail > want+2*time.Second {
		t.Errorf("last mail after %v, want %v", r.lastMail, want)
	}
	if want := 18 + 16 + 14 + 12 + 10 + 8 + 6 + 4 + 2; r.count.retries != want {
		t.Errorf("%d retries, want %d", r.count.retries, want)
	}
}

func TestUserWithoutRetriesLeftIsStoppedAndLost(t *testing.T) {
	r := run(t, 100, account{mails: sesRate(1), functions: 1000}, retries, definition(t, `"MaxAttempts": 1050`, `"MaxAttempts": 0`))
	if r.stopped == 0 || r.lost() != r.stopped || len(r.mail) != r.onboarded {
		t.Errorf("%d stopped, %d lost, %d mailed, %d onboarded", r.stopped, r.lost(), len(r.mail), r.onboarded)
	}
}

func TestDailyQuotaIsWaitedOutWithItsOwnRetrier(t *testing.T) {
	a := account{mails: sesRate(14), mailsADay: 10, functions: 1000}
	r := run(t, 20, a, retries, definition(t))
	if r.onboarded != 20 || r.lastMail < day || r.lastMail > day+30*time.Minute || r.limit < day {
		t.Errorf("%d onboarded, the last mailed after %v (limit %v); want 20, and a day", r.onboarded, r.lastMail, r.limit)
	}
	if r := run(t, 20, a, retries, definition(t, `"QuotaExceededError"`, `"OtherError"`)); r.stopped != 10 {
		t.Errorf("without a retrier for it %d stopped, want 10", r.stopped)
	}
}

// TestLongThrottleIsRetriedAsAUsedUpQuota compares with a definition in which the
// retrier of the used-up quota never retries.
func TestLongThrottleIsRetriedAsAUsedUpQuota(t *testing.T) {
	a := account{mails: sesRate(1), functions: 1000}
	if r := run(t, 3000, a, retries, definition(t)); r.stopped != 0 {
		t.Errorf("%d stopped, want none", r.stopped)
	}
	if r := run(t, 3000, a, retries, definition(t, `"MaxAttempts": 200`, `"MaxAttempts": 0`)); r.stopped == 0 || r.mostTransitions > 4*(statemachine.ThrottledRetries+1) {
		t.Errorf("%d stopped, %d transitions at the most; want some, after %d retries of a state", r.stopped, r.mostTransitions, statemachine.ThrottledRetries)
	}
}

func TestTriggerWithoutRoomTurnsUsersAway(t *testing.T) {
	r := run(t, 200, account{mails: sesRate(14), functions: 1}, retries, definition(t))
	if r.turnedAway == 0 || r.count.busiest != 1 || r.lost() < r.turnedAway {
		t.Errorf("%d turned away, %d lost, %d functions at once; want some, as many, and 1", r.turnedAway, r.lost(), r.count.busiest)
	}
}

func TestQueueTakesNoRetries(t *testing.T) {
	r := run(t, 500, grown, queued, definition(t))
	if r.transitions != 4*500 || r.count.retries != 0 || r.count.requests < 2*500 || r.count.throttles > 0 {
		t.Errorf("%d transitions, %d retries, %d requests, %d throttled", r.transitions, r.count.retries, r.count.requests, r.count.throttles)
	}
	if got := r.ofLimit(); got < 1 || got > 1.1 {
		t.Errorf("it takes %.2f times the limit", got)
	}
}

func TestRetriesOfTheDefinitionDecide(t *testing.T) {
	slow := run(t, 500, grown, retries, definition(t, `"MaxDelaySeconds": 180`, `"MaxDelaySeconds": 900`))
	if quick := run(t, 500, grown, retries, definition(t)); quick.lastMail >= slow.lastMail {
		t.Errorf("the last mail after %v with a longest delay of 180 s, and after %v with 900", quick.lastMail, slow.lastMail)
	}
}

func TestSameSeedSameResult(t *testing.T) {
	steps := definition(t)
	s := scenario{users: 300, span: 5 * time.Second, account: grown, every: time.Second}
	var results []result
	for _, seed := range []uint64{1, 1, 2} {
		r, err := simulate(s, retries, steps, seed)
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

func TestDefinitionThatIsNotUnderstoodIsRefused(t *testing.T) {
	for name, replace := range map[string][2]string{
		"another state":   {`"Type": "Task"`, `"Type": "Choice"`},
		"unknown field":   {`"ResultPath"`, `"OutputPath"`},
		"unknown jitter":  {`"JitterStrategy": "FULL"`, `"JitterStrategy": "SOME"`},
		"missing rate":    {`"BackoffRate": 2`, `"BackoffRate": 0`},
		"missing state":   {`"Next": "SaveProfile"`, `"Next": "Nowhere"`},
		"a circle":        {`"Next": "SendWelcomeEmail"`, `"Next": "AddUserToGroup"`},
		"no JSON":         {`{`, `[`},
		"unknown retrier": {`"MaxAttempts"`, `"MaxTries"`},
	} {
		if steps, err := readDefinition(strings.ReplaceAll(statemachine.Definition, replace[0], replace[1])); err == nil {
			t.Errorf("%s: read as %v", name, steps)
		}
	}
}

func TestUnknownStateIsRefused(t *testing.T) {
	steps := []step{{name: "Other"}}
	if _, err := simulate(scenario{users: 1, account: grown}, retries, steps, 1); err == nil || !strings.Contains(err.Error(), "Other") {
		t.Errorf("error %v, want one that names the state", err)
	}
}

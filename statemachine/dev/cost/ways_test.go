package cost_test

import (
	"testing"

	"example.com/onboarding/statemachine/dev/cost"
)

// TestOtherWaysAreBilledForWhatTheyDo counts by hand what one user uses.
func TestOtherWaysAreBilledForWhatTheyDo(t *testing.T) {
	o := onboarding(t)
	inTrigger := func(users, _ float64) (cost.Use, error) { return o.InTrigger(users) }
	for _, test := range []struct {
		name    string
		way     func(users, failing float64) (cost.Use, error)
		failing float64
		want    cost.Use
	}{
		{"in the trigger", inTrigger, 0, cost.Use{cost.Request: 1, cost.Transition: 0, cost.Mail: 1, cost.Write: 3, cost.Event: 1}},
		{"Express", o.Express, 0, cost.Use{cost.ExpressRequest: 1, cost.Transition: 0, cost.Request: 5, cost.Mail: 1}},
		{"Express, all failing once", o.Express, 1, cost.Use{cost.ExpressRequest: 1, cost.Transition: 0, cost.Request: 10}},
		{"durable", o.Durable, 0, cost.Use{cost.DurableOperation: 5, cost.Transition: 0, cost.Request: 2, cost.Mail: 1}},
		{"durable, all failing once", o.Durable, 1, cost.Use{cost.DurableOperation: 9, cost.Transition: 0, cost.Request: 6, cost.Mail: 1}},
	} {
		got, err := test.way(1, test.failing)
		if err != nil {
			t.Fatal(err)
		}
		for p, units := range test.want {
			if !near(got[p], units) {
				t.Errorf("%s: %v %s, want %v", test.name, got[p], p.What, units)
			}
		}
	}
}

// TestExpressPaysForTheWaitBeforeARetry knows that each of the four retries waits a
// second on average, half of the two that the definition has.
func TestExpressPaysForTheWaitBeforeARetry(t *testing.T) {
	o := onboarding(t)
	seconds := func(failing float64) float64 {
		u, err := o.Express(1, failing)
		if err != nil {
			t.Fatal(err)
		}
		return u[cost.ExpressSecond] / (cost.ExpressMB / 1024.0)
	}
	if more := seconds(1) - seconds(0); more < 4 || more > 5 {
		t.Errorf("four retries make an execution %v s longer, want their waits of 4 s and a little", more)
	}
}

func TestUsersWithoutRetriesAreIncomplete(t *testing.T) {
	o := onboarding(t)
	for failing, want := range map[float64]float64{0: 0, 0.1: 1 - 0.9*0.9*0.9*0.9, 1: 1} {
		if got := o.Incomplete(failing); !near(got, want) {
			t.Errorf("%v of the steps failing: %v of the users lack something, want %v", failing, got, want)
		}
	}
}

package statemachine_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/mock"
)

func mockedCases(t *testing.T) map[string]mock.Case {
	t.Helper()
	cases, err := mock.Read("MockConfigFile.json")
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// outcome is how the definition, with all its retries, makes the case end.
func outcome(t *testing.T, name string) mock.Outcome {
	t.Helper()
	c, ok := mockedCases(t)[name]
	if !ok {
		t.Errorf("MockConfigFile.json has no case %s", name)
		return mock.Outcome{}
	}
	o, err := mock.Expect(statemachine.Definition, c)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return o
}

// mockable are the errors of Lambda that a function can stand in for. The time-out
// of a state is the engine's own.
func mockable() []string {
	return slices.DeleteFunc(slices.Clone(service), func(name string) bool { return strings.HasPrefix(name, "States.") })
}

func TestMocksNameWhatExists(t *testing.T) {
	m := definition(t)
	known := mockable()
	for _, e := range slices.Concat(retried, notRetried) {
		known = append(known, e.Name())
	}
	for name, c := range mockedCases(t) {
		for state, responses := range c {
			if _, ok := m.States[state]; !ok {
				t.Errorf("%s: the definition has no state %s", name, state)
			}
			for i, r := range responses {
				if r.Throw != nil && (!slices.Contains(known, r.Throw.Error) || r.Throw.Cause == "") {
					t.Errorf("%s, %s, attempt %d: error %q, cause %q; want a cause and one of %v", name, state, i, r.Throw.Error, r.Throw.Cause, known)
				}
				if r.Return != nil {
					checkMockedResult(t, name+", "+state, state, *r.Return)
				}
			}
		}
	}
}

// checkMockedResult reports a result that the step could not have returned.
func checkMockedResult(t *testing.T, where, state string, r mock.Return) {
	t.Helper()
	if r.StatusCode != http.StatusOK {
		t.Errorf("%s: status code %d", where, r.StatusCode)
	}
	var members map[string]any
	decodeStrictly(t, r.Payload, &members)
	step, err := steps(t).Step(state)
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(members)); !slices.Equal(got, step.Members) {
		t.Errorf("%s: the result has %v, the step %v", where, got, step.Members)
	}
	var o statemachine.Outcome
	if err := json.Unmarshal(r.Payload, &o); err != nil {
		t.Fatal(err)
	}
	skipped := o.Status == statemachine.StatusSkipped && slices.Contains(reasons(t), string(o.Reason))
	if o != statemachine.Done() && !skipped {
		t.Errorf("%s: outcome %+v, which no step has", where, o)
	}
}

func TestEveryStateHasItsMockedCases(t *testing.T) {
	for name, s := range definition(t).States {
		checkSucceeds(t, "HappyPath", name, "")
		for _, e := range retried {
			checkSucceeds(t, name+"Retries"+e.Name(), name, e.Name(), "")
			checkExhausts(t, name+"Exhausts"+e.Name(), name, s.retrierOf(e.Name()))
		}
		for _, e := range notRetried {
			o := outcome(t, name+"StopsOn"+e.Name())
			if o.Error != e.Name() || !slices.Equal(o.Of(name), []string{e.Name()}) {
				t.Errorf("%sStopsOn%s ends with %q after %v", name, e.Name(), o.Error, o.Attempts)
			}
		}
		checkSucceeds(t, name+"RetriesLambdaErrors", name, append(mockable(), "")...)
	}
}

func (s state) retrierOf(errorName string) retrier {
	i := slices.IndexFunc(s.Retry, func(r retrier) bool { return slices.Contains(r.ErrorEquals, errorName) })
	return s.Retry[i] // TestRetriesNameTheGoTypes
}

// checkSucceeds reports a case that does not succeed, or in which the attempts of
// the state do not end as given, in any order and number.
func checkSucceeds(t *testing.T, name, state string, ends ...string) {
	t.Helper()
	o := outcome(t, name)
	got := slices.Sorted(slices.Values(o.Of(state)))
	slices.Sort(ends)
	if o.Error != "" || !slices.Equal(slices.Compact(got), ends) {
		t.Errorf("%s ends with %q after %v; want a success, %s having ended with %q", name, o.Error, o.Attempts, state, ends)
	}
}

// checkExhausts reports a case that does not use up all retries of the definition,
// or that mocks more than those.
func checkExhausts(t *testing.T, name, state string, r retrier) {
	t.Helper()
	want := slices.Repeat([]string{r.ErrorEquals[0]}, r.MaxAttempts+1)
	o := outcome(t, name)
	if got := o.Of(state); o.Error != want[0] || !slices.Equal(got, want) {
		t.Errorf("%s ends with %q after %d attempts, want %d of %s", name, o.Error, len(got), len(want), want[0])
	}
	if got := len(mockedCases(t)[name][state]); got != len(want) {
		t.Errorf("%s mocks %d attempts, want %d: MaxAttempts and the first one", name, got, len(want))
	}
}

func TestEverySkipIsMocked(t *testing.T) {
	mocked := make(map[string]bool)
	for name, c := range mockedCases(t) {
		o, err := mock.Expect(statemachine.Definition, c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, result := range o.Results {
			var r statemachine.Outcome
			if err := json.Unmarshal(result, &r); err != nil {
				t.Fatal(err)
			}
			mocked[string(r.Reason)] = true
		}
	}
	for _, reason := range reasons(t) {
		if !mocked[reason] {
			t.Errorf("no case of MockConfigFile.json has a step skipped for %q", reason)
		}
	}
}

// reasons returns those of all steps.
func reasons(t *testing.T) (all []string) {
	t.Helper()
	for _, s := range steps(t).Steps {
		all = append(all, s.Reasons...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

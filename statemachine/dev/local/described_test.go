package local_test

import (
	"slices"
	"sync"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/project"
)

var readProject = sync.OnceValues(func() (*project.Project, error) { return project.Read("../../..") })

// described is the project as its files describe it: the tests take from it which
// steps there are.
func described(t *testing.T) *project.Project {
	t.Helper()
	p, err := readProject()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// allStates are the states in the order in which an execution passes them.
func allStates(t *testing.T) []string {
	t.Helper()
	return described(t).States()
}

// pathTo are the states up to that one.
func pathTo(t *testing.T, state string) []string {
	t.Helper()
	states := allStates(t)
	return states[:slices.Index(states, state)+1]
}

// pathThrough are all states, that one as often as an execution enters it.
func pathThrough(t *testing.T, state string, times int) []string {
	t.Helper()
	states := allStates(t)
	i := slices.Index(states, state)
	return slices.Concat(states[:i], slices.Repeat([]string{state}, times), states[i+1:])
}

func hasStep(t *testing.T, state string) bool {
	t.Helper()
	return slices.Contains(allStates(t), state)
}

// needsStep skips a test that is about what one step does, if there is no such step.
func needsStep(t *testing.T, state string) {
	t.Helper()
	if !hasStep(t, state) {
		t.Skip("the definition has no state " + state)
	}
}

// resultName is what the result of a state's step is called in the output.
func resultName(t *testing.T, state string) string {
	t.Helper()
	step, err := described(t).Step(state)
	if err != nil {
		t.Fatal(err)
	}
	return step.Result
}

// outcomeOf is how the step of a state ended.
func outcomeOf(t *testing.T, e local.Execution, state string) result {
	t.Helper()
	return resultOf(t, e, resultName(t, state))
}

// The states whose effects the tests can see, by what they leave behind.
const (
	groupState     = "AddUserToGroup"
	profileState   = "SaveProfile"
	mailState      = "SendWelcomeEmail"
	analyticsState = "RecordAnalytics"
)

// onboarded is what a user has who went through all steps.
func onboarded(t *testing.T) effects {
	t.Helper()
	return effectsOfStates(t, allStates(t)...)
}

// effectsBefore is what a user has whose execution stopped at that state.
func effectsBefore(t *testing.T, state string) effects {
	t.Helper()
	path := pathTo(t, state)
	return effectsOfStates(t, path[:len(path)-1]...)
}

// effectsOfStates is what a user has who went through these states.
func effectsOfStates(t *testing.T, states ...string) effects {
	t.Helper()
	var want effects
	for _, state := range states {
		switch state {
		case groupState:
			want.groups = "members"
		case profileState:
			want.profiles = 1
		case mailState:
			want.mails = 1
		case analyticsState:
			want.events = 1
		}
	}
	return want
}

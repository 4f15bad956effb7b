package statemachine_test

import (
	"os"
	"slices"
	"testing"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/mock"
	"example.com/onboarding/statemachine/internal/asl"
)

const mockFile = "MockConfigFile.json"

// TestMockConfigFile compares the file with what the project gives; make docs writes
// it anew.
func TestMockConfigFile(t *testing.T) {
	got := mock.File(steps(t))
	if *update {
		if err := os.WriteFile(mockFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(mockFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is stale: make docs writes it anew", mockFile)
	}
}

// TestMockedCasesEndAsTheirNamesSay sees that the definition retries, gives up and
// stops where the cases mean it to.
func TestMockedCasesEndAsTheirNamesSay(t *testing.T) {
	p := steps(t)
	cases := mock.Cases(p)
	type failure struct{ state, err string }
	fails := make(map[string]failure) // by case
	for _, s := range p.Steps {
		state := s.State
		if asl.RetrierOf(s.Definition.Retry, decided) >= 0 {
			fails[state+"Exhausts"+decided] = failure{state, decided}
		}
		for _, e := range retried {
			fails[state+"Exhausts"+e.Name()] = failure{state, e.Name()}
		}
		for _, e := range notRetried {
			fails[state+"StopsOn"+e.Name()] = failure{state, e.Name()}
		}
	}
	for name := range fails {
		if cases[name] == nil {
			t.Errorf("there is no case %s", name)
		}
	}
	for name, c := range cases {
		o, err := mock.Expect(statemachine.Definition, c)
		if err != nil || o.Error != fails[name].err {
			t.Errorf("%s ends with %q, %v; want %q", name, o.Error, err, fails[name].err)
		}
		given := 0
		for _, state := range p.States() {
			given += len(c[state])
			if state == fails[name].state {
				break // those behind it are not entered
			}
		}
		if len(o.Attempts) != given {
			t.Errorf("%s has %d attempts, and mocks %d", name, len(o.Attempts), given)
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

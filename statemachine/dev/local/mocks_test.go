package local_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/mock"
)

// TestMockedCases runs the cases that MockConfigFile.json is made of, and compares how
// they end with what the definition says.
func TestMockedCases(t *testing.T) {
	aws := startAWS(t)
	cases := mock.Cases(described(t))
	mocks, stop, err := aws.NewMocks(t.Context(), cases)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	mocks.ByEngine = os.Getenv("MOCKS") == "engine" //nolint:forbidigo // a test has no main.go
	input, err := os.ReadFile("../../testdata/input.json")
	if err != nil {
		t.Fatal(err)
	}
	// They wait for their retries side by side.
	started := make(map[string]string)
	for name := range cases {
		if started[name], err = mocks.Start(t.Context(), name, string(input)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			want, err := mock.Expect(mocks.Definition, cases[name])
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			e, err := mocks.Wait(ctx, started[name])
			if err != nil {
				t.Fatal(err)
			}
			checkOutcome(t, e, want)
		})
	}
}

func checkOutcome(t *testing.T, e local.Execution, want mock.Outcome) {
	t.Helper()
	ran := mock.Ran{Status: string(e.Status), Error: e.Error, Cause: e.Cause, Input: e.Input, Output: e.Output}
	for _, a := range e.Attempts {
		ran.Attempts = append(ran.Attempts, mock.Attempt{State: a.State, Error: a.Error})
	}
	if err := want.Differences(ran); err != nil {
		t.Error(err)
	}
}

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return m
}

package local_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

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
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
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
	var attempts []mock.Attempt
	for _, a := range e.Attempts {
		attempts = append(attempts, mock.Attempt{State: a.State, Error: a.Error})
	}
	if !slices.Equal(attempts, want.Attempts) {
		t.Errorf("attempts\n got %v\nwant %v", attempts, want.Attempts)
	}
	if want.Error != "" {
		if e.Status != types.ExecutionStatusFailed || e.Error != want.Error || !strings.Contains(e.Cause, want.Cause) {
			t.Errorf("%s with %s %q, want FAILED with %s %q", e.Status, e.Error, e.Cause, want.Error, want.Cause)
		}
		return
	}
	if e.Status != types.ExecutionStatusSucceeded {
		t.Errorf("%s with %s %q, want SUCCEEDED", e.Status, e.Error, e.Cause)
		return
	}
	output := decoded(t, e.Output)
	for field, result := range want.Results {
		if got, want := output[field], decoded(t, string(result)); !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%s of the output is %v, want %v", field, got, want)
		}
	}
	for field, value := range decoded(t, e.Input) {
		if !reflect.DeepEqual(output[field], value) {
			t.Errorf("%s of the output is %v, the input had %v", field, output[field], value)
		}
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

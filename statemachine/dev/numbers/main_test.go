package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/numbers/burst"
	"example.com/onboarding/statemachine/dev/project"
	"example.com/onboarding/statemachine/dev/section"
	"example.com/onboarding/statemachine/internal/asl"
)

const root = "../../.."

// TestNumbersAreOfThisProject makes all sections again, and compares them with the
// document.
func TestNumbersAreOfThisProject(t *testing.T) {
	in, err := read(root)
	if err != nil {
		t.Fatal(err)
	}
	results, err := in.simulate(burst.Scenarios())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(in.sections(), named{"bursts", burstTable(results)}) {
		if err := section.Keep(filepath.Join(root, document), s.name, s.text, false); err != nil {
			t.Error(err)
		}
	}
	if err := goals(results); err != nil {
		t.Error(err)
	}
}

func TestMissedGoalIsAnError(t *testing.T) {
	r := burst.Result{Scenario: burst.Scenario{Name: "a burst", Goal: &burst.Goal{OfLimit: 1}}, Limit: time.Second, Last: 2 * time.Second}
	if err := goals([]burst.Result{r}); err == nil || !strings.Contains(err.Error(), `"a burst" is missed: 2.00 times`) {
		t.Errorf("error %v, want one that names the burst and what is missed", err)
	}
}

func TestStatesThatRetryAlikeShareRows(t *testing.T) {
	step := func(name string, attempts float64) project.Step {
		return project.Step{State: name, Definition: &asl.State{Retry: []asl.Retrier{{
			ErrorEquals: []string{"A", "B"}, IntervalSeconds: new(60.0), BackoffRate: new(1.0), MaxAttempts: &attempts,
		}}}}
	}
	got := strings.Split(retryTable(&project.Project{Steps: []project.Step{step("One", 100), step("Two", 100), step("Three", 2)}}), "\n")
	want := []string{
		"| One, Two | A, B | 1 | 60 | given up | 100 | 1.67 h | 1.67 h |",
		"| Three | A, B | 1 | given up | given up | 2 | 2 min | 2 min |",
	}
	if !slices.Equal(got[2:], want) {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got[2:], "\n"), strings.Join(want, "\n"))
	}
	alike := retryTable(&project.Project{Steps: []project.Step{step("One", 2), step("Two", 2)}})
	if !strings.Contains(alike, "| each | A, B |") {
		t.Errorf("states that retry alike: %s", alike)
	}
}

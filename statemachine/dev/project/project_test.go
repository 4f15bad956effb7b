package project_test

import (
	"slices"
	"testing"

	"example.com/onboarding/statemachine/dev/project"
)

func TestStepsAreThoseOfTheDefinition(t *testing.T) {
	p, err := project.Read("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Steps) == 0 || len(p.Others()) != len(p.Functions)-len(p.Steps) {
		t.Fatalf("steps %+v of the functions %+v", p.Steps, p.Functions)
	}
	for _, s := range p.Steps {
		if s.Result == "" || s.Function.Name != s.State || s.Function.Timeout == 0 || !slices.Contains(s.Members, "status") {
			t.Errorf("step %+v", s)
		}
	}
}

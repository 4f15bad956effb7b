package project_test

import (
	"slices"
	"strings"
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

func TestDefinitionHasTheValuesOfTheTemplate(t *testing.T) {
	p, err := project.Read("../../..")
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.Definition("aws-cn", "cn-north-1", "123456789012")
	if err != nil || strings.Contains(text, "${") {
		t.Errorf("definition %s, %v", text, err)
	}
	for _, s := range p.Steps {
		for _, want := range []string{`"arn:aws-cn:states:::lambda:invoke"`, `"arn:aws-cn:lambda:cn-north-1:123456789012:function:` + s.Function.LogicalID + `"`} {
			if !strings.Contains(text, want) {
				t.Errorf("the definition lacks %s", want)
			}
		}
	}
}

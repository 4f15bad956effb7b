package main

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/onboarding/statemachine/dev/project"
)

const schemaFile = "useronboarded.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	s, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemaHasTheResultsOfTheSteps compares the schema's members for results with the
// steps that come before this one; -update, and so make docs, writes them anew.
func TestSchemaHasTheResultsOfTheSteps(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Required   []string       `json:"required"`
		Properties map[string]any `json:"properties"`
	}
	var whole map[string]any
	if err := errors.Join(json.Unmarshal(text, &document), json.Unmarshal(text, &whole)); err != nil {
		t.Fatal(err)
	}
	isResult := func(name string) bool {
		property, _ := document.Properties[name].(map[string]any)
		return property["$ref"] == "#/$defs/result"
	}
	document.Required = slices.DeleteFunc(document.Required, isResult)
	maps.DeleteFunc(document.Properties, func(name string, _ any) bool { return isResult(name) })
	for _, s := range stepsBefore(t) {
		document.Required = append(document.Required, s.Result)
		document.Properties[s.Result] = describe(s)
	}
	whole["required"], whole["properties"] = document.Required, document.Properties
	want, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(want) != string(text) {
		t.Errorf("%s is not of these steps: make docs\n got %s\nwant %s", schemaFile, text, want)
	}
}

func stepsBefore(t *testing.T) []project.Step {
	t.Helper()
	p, err := project.Read("../..")
	if err != nil {
		t.Fatal(err)
	}
	return p.Steps[:slices.Index(p.States(), "RecordAnalytics")]
}

// describe is the schema of a step's result.
func describe(s project.Step) map[string]any {
	required, properties := []string{}, map[string]any{
		"reason": map[string]any{"description": "Why it was skipped; empty if it was not.", "examples": s.Reasons},
	}
	for _, f := range s.Fields {
		required = append(required, f.Name)
		property := map[string]any{"description": f.Doc}
		switch f.Type {
		case "string":
			property["type"] = "string"
		case "[]string":
			property["type"], property["items"] = "array", map[string]any{"type": "string"}
		case "bool":
			property["type"] = "boolean"
		case "int", "int64":
			property["type"] = "integer"
		}
		properties[f.Name] = property
	}
	return map[string]any{
		"$ref": "#/$defs/result", "description": "How " + s.State + " ended.", "required": required, "properties": properties,
	}
}

func TestGoldenDetailIsAsTheSchemaHasIt(t *testing.T) {
	if err := schema(t).Validate(readDetail(t)); err != nil {
		t.Error(err)
	}
}

// readDetail reads the golden detail. The results in it are there to be looked at; in
// their place are results of the steps that there are.
func readDetail(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("testdata/detail.json")
	if err != nil {
		t.Fatal(err)
	}
	var detail map[string]any
	if err := json.Unmarshal(text, &detail); err != nil {
		t.Fatal(err)
	}
	for _, s := range stepsBefore(t) {
		detail[s.Result] = resultOf(s, "done", "")
	}
	return detail
}

// resultOf is a result of a step, with an empty value for each further member.
func resultOf(s project.Step, status, reason string) map[string]any {
	result := map[string]any{"status": status, "reason": reason}
	for _, f := range s.Fields {
		result[f.Name] = map[string]any{"string": "", "[]string": []any{}, "bool": false, "int": 0.0, "int64": 0.0}[f.Type]
	}
	return result
}

// promised are the members that the events of version 1 have besides the results.
// Taking one away is a new version.
var promised = []string{
	"version", "sub", "userPoolId", "clientId", "metadata", "startedAt", "onboardedAt", "durationMillis",
}

func TestEventWithoutAPromisedMemberIsRefused(t *testing.T) {
	members := slices.Clone(promised)
	for _, s := range stepsBefore(t) {
		members = append(members, s.Result)
	}
	for _, name := range members {
		detail := readDetail(t)
		if _, found := detail[name]; !found {
			t.Errorf("the event has no %s", name)
		}
		delete(detail, name)
		if schema(t).Validate(detail) == nil {
			t.Errorf("the schema accepts an event without %s", name)
		}
	}
}

func TestSchemaAcceptsWhatMayBeAddedAndNoOtherChange(t *testing.T) {
	for _, test := range []struct {
		name, member string
		value        any
		accepted     bool
	}{
		{"new member", "plan", "free", true},
		{"another version", "version", "2", false},
		{"version as a number", "version", 1.0, false},
		{"sub that names no execution", "sub", "jane@example.com", false},
		{"null", "metadata", nil, false},
		{"long metadata", "metadata", map[string]any{"campaign": strings.Repeat("é", 257)}, false},
		{"time without a date", "startedAt", "12:00:00", false},
		{"duration as text", "durationMillis", "90061123", false},
		{"duration in fractions", "durationMillis", 0.5, false},
	} {
		detail := readDetail(t)
		detail[test.member] = test.value
		if err := schema(t).Validate(detail); (err == nil) != test.accepted {
			t.Errorf("%s: the schema answers %v to %s = %v", test.name, err, test.member, test.value)
		}
	}
}

func TestSchemaAcceptsTheOutcomesThatAStepCanHave(t *testing.T) {
	for _, s := range stepsBefore(t) {
		for _, test := range []struct {
			status, reason string
			accepted       bool
		}{
			{"done", "", true},
			{"skipped", "moved away", true},
			{"bounced", "user not found", false},
			{"done", "user not found", false},
			{"skipped", "", false},
		} {
			detail := readDetail(t)
			detail[s.Result] = resultOf(s, test.status, test.reason)
			if err := schema(t).Validate(detail); (err == nil) != test.accepted {
				t.Errorf("%s: the schema answers %v to %q for %q", s.State, err, test.status, test.reason)
			}
		}
	}
}

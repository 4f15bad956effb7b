package statemachine_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"example.com/onboarding/statemachine"
)

// TestSchemaKnowsEveryOutcome holds the schema of the event against the constants.
func TestSchemaKnowsEveryOutcome(t *testing.T) {
	text, err := os.ReadFile("../steps/recordanalytics/useronboarded.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs struct {
			Outcome struct {
				Properties struct {
					Status struct{ Enum []string }
					Reason struct{ AnyOf []struct{ Enum []string } }
				}
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	known := schema.Defs.Outcome.Properties
	if len(known.Reason.AnyOf) != 2 || known.Reason.AnyOf[1].Enum != nil {
		t.Fatalf("the reasons of the schema are %v, want those there are or any other", known.Reason.AnyOf)
	}
	if got, want := known.Reason.AnyOf[0].Enum, append([]string{""}, reasons(t)...); !slices.Equal(got, want) {
		t.Errorf("the schema has the reasons %q, the code %q", got, want)
	}
	if want := []string{string(statemachine.StatusDone), string(statemachine.StatusSkipped), ""}; !slices.Equal(known.Status.Enum, want) {
		t.Errorf("the schema has the statuses %q, the code %q", known.Status.Enum, want)
	}
}

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
				Properties struct{ Status, Reason struct{ Enum []string } }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	known := schema.Defs.Outcome.Properties
	if want := append([]string{""}, reasons(t)...); !slices.Equal(known.Reason.Enum, want) {
		t.Errorf("the schema has the reasons %q, the code %q", known.Reason.Enum, want)
	}
	if want := []string{string(statemachine.StatusDone), string(statemachine.StatusSkipped), ""}; !slices.Equal(known.Status.Enum, want) {
		t.Errorf("the schema has the statuses %q, the code %q", known.Status.Enum, want)
	}
}

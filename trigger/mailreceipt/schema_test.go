package main

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestEventsAreAsTheirSchemasHaveThem puts the events of the samples, and takes one of
// the promised members away after the other. Taking one away is a new version.
func TestEventsAreAsTheirSchemasHaveThem(t *testing.T) {
	promised := []string{"version", "sub", "userPoolId", "execution", "messageId", "mailedAt", "at"}
	for name, test := range map[string]struct {
		detailType, schema string
		members            []string
	}{
		"bounce":    {"WelcomeMailBounced", "welcomemailbounced.schema.json", append(slices.Clone(promised), "bounceType", "bounceSubType")},
		"complaint": {"WelcomeMailComplained", "welcomemailcomplained.schema.json", promised},
	} {
		w := sending(t)
		if err := w.handle(t, sample(t, name)); err != nil {
			t.Fatal(err)
		}
		var detail map[string]any
		if err := json.Unmarshal([]byte(w.put["onboarding "+test.detailType][0]), &detail); err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		schema, err := compiler.Compile(test.schema)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(detail); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		slices.Sort(test.members)
		if got := slices.Sorted(maps.Keys(detail)); !slices.Equal(got, test.members) {
			t.Errorf("%s has %v, want %v", test.detailType, got, test.members)
		}
		for _, member := range test.members {
			without := maps.Clone(detail)
			delete(without, member)
			if schema.Validate(without) == nil {
				t.Errorf("%s: the schema accepts an event without %s", test.detailType, member)
			}
		}
	}
}

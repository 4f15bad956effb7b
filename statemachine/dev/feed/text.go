package feed

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/onboarding/statemachine"
)

// Brief is a step's result in one line: "done", or why the step was skipped, and the
// other members that are not empty.
func Brief(result json.RawMessage) string {
	var o statemachine.Outcome
	members := make(map[string]any)
	if json.Unmarshal(result, &o) != nil || json.Unmarshal(result, &members) != nil {
		return string(result)
	}
	parts := []string{string(o.Status)}
	if o.Reason != "" {
		parts[0] += ": " + string(o.Reason)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if value := fmt.Sprint(members[name]); name != "status" && name != "reason" && value != "" && value != "[]" {
			parts = append(parts, name+" "+value)
		}
	}
	return strings.Join(parts, ", ")
}

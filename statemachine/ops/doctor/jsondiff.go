package doctor

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// jsonDifferences returns the paths at which two JSON values differ, such as
// States.SendWelcomeEmail.Retry[0].MaxAttempts, in their order.
func jsonDifferences(path string, a, b any) []string {
	switch a := a.(type) {
	case map[string]any:
		if b, is := b.(map[string]any); is {
			return objectDifferences(path, a, b)
		}
	case []any:
		if b, is := b.([]any); is && len(a) == len(b) {
			var found []string
			for i := range a {
				found = append(found, jsonDifferences(fmt.Sprintf("%s[%d]", path, i), a[i], b[i])...)
			}
			return found
		}
	}
	if reflect.DeepEqual(a, b) {
		return nil
	}
	return []string{path}
}

func objectDifferences(path string, a, b map[string]any) []string {
	keys := make(map[string]bool)
	for _, key := range slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b)) {
		keys[key] = true
	}
	var found []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		member := strings.TrimPrefix(path+"."+key, ".")
		inA, isInA := a[key]
		inB, isInB := b[key]
		if isInA != isInB {
			found = append(found, member)
			continue
		}
		found = append(found, jsonDifferences(member, inA, inB)...)
	}
	return found
}

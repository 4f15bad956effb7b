package firsttoken_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"example.com/onboarding/statemachine/record"
)

// FuzzInToken hands it any bytes. What comes back is the same but for the groups in the
// response.
func FuzzInToken(f *testing.F) {
	files, err := filepath.Glob("../../trigger/firsttoken/testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no event files: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"triggerSource":"TokenGeneration_X","userPoolId":"p_1","userName":"u","request":{"groupConfiguration":null}}`))
	f.Add([]byte(`{"response":{},"triggerSource":"TokenGeneration_X","userPoolId":"p_1","userName":"u","request":{"groupConfiguration":{ }},"response":[]}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		sent := bytes.Clone(payload)
		answer, _, _ := inToken(t, changed(0, 0), knows(record.Record{}), payload)
		if bytes.Equal(answer, sent) {
			return
		}
		var was, is map[string]any
		if err := json.Unmarshal(sent, &was); err != nil {
			t.Fatalf("event %q was changed: %v", sent, err)
		}
		if err := json.Unmarshal(answer, &is); err != nil {
			t.Fatalf("event %q: answer %q: %v", sent, answer, err)
		}
		if groupsOf(t, answer) == nil {
			t.Errorf("event %q: answer %q gives no groups", sent, answer)
		}
		for _, e := range []map[string]any{was, is} {
			withoutGroups(e)
		}
		if !reflect.DeepEqual(was, is) {
			t.Errorf("event %q: answer %q", sent, answer)
		}
	})
}

// withoutGroups takes the groups out of the response, and what is empty without them.
func withoutGroups(e map[string]any) {
	response, _ := e["response"].(map[string]any)
	for _, name := range []string{"claimsOverrideDetails", "claimsAndScopeOverrideDetails"} {
		details, ok := response[name].(map[string]any)
		if delete(details, "groupOverrideDetails"); len(details) == 0 && ok || response[name] == nil {
			delete(response, name)
		}
	}
	if len(response) == 0 {
		delete(e, "response")
	}
}

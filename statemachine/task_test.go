package statemachine_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"example.com/onboarding/statemachine"
)

func TestStateIsInputAndResults(t *testing.T) {
	var task statemachine.Task
	text := `{"state":{"userPoolId":"p_1","username":"u","sub":"s","clientId":"c","metadata":{"k":"v"},
		"group":{"status":"done","reason":"","groups":["members"]},"email":{"status":"skipped","reason":"no mail address"}}}`
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(task.State.Results)); !slices.Equal(got, []string{"email", "group"}) || task.State.Metadata["k"] != "v" {
		t.Errorf("input %+v, results %q", task.State.Input, got)
	}
	group := struct{ Groups []string }{}
	if err := task.State.Result("group", &group); err != nil || !slices.Equal(group.Groups, []string{"members"}) {
		t.Errorf("group %+v, error %v", group, err)
	}
	if err := task.State.Result("profile", &group); err != nil || len(group.Groups) != 1 {
		t.Errorf("without a result the value became %+v, error %v", group, err)
	}
	if err := task.State.Result("email", &[]string{}); err == nil {
		t.Error("a result of another type was taken")
	}
}

func TestStateOfAnotherTypeIsRefused(t *testing.T) {
	for _, text := range []string{`[]`, `"text"`, `{"userPoolId":1}`, `{"metadata":[]}`} {
		if err := json.Unmarshal([]byte(text), new(statemachine.State)); err == nil {
			t.Errorf("%s was taken for a state", text)
		}
	}
}

package statemachine_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"example.com/onboarding/statemachine"
)

// legalName is what an execution name may be, on the safe side
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
var legalName = regexp.MustCompile(`^[0-9A-Za-z_-]{1,80}$`)

func TestUserIsKnownByTheSub(t *testing.T) {
	const sub = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"
	in := statemachine.Input{UserPoolID: "p_1", Username: "jane", Sub: sub}
	if got := in.UserKey(); got != sub {
		t.Errorf("got %s, want %s", got, sub)
	}
}

func TestUserWithoutUsableSubIsKnownByAHash(t *testing.T) {
	names := make(map[string]statemachine.Input)
	for _, in := range []statemachine.Input{
		{UserPoolID: "p_1", Username: "jane"},
		{UserPoolID: "p_2", Username: "jane"},
		{UserPoolID: "p_1", Username: "/jane"},
		{UserPoolID: "p_1", Username: "Google_1 <ñ> :/\n"},
		{UserPoolID: "p_1", Username: strings.Repeat("x", 128)},
	} {
		name := in.UserKey()
		if !legalName.MatchString(name) {
			t.Errorf("%+v: name %q is not legal", in, name)
		}
		if other, taken := names[name]; taken {
			t.Errorf("%+v and %+v have the same name %s", in, other, name)
		}
		names[name] = in
		for _, sub := range []string{"not-a-uuid", "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6", "3f2a7c1e+5b8d-4e6f-9a0b-1c2d3e4f5a6b", "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6:"} {
			in.Sub = sub
			if again := in.UserKey(); again != name {
				t.Errorf("sub %q: name %s, want %s", sub, again, name)
			}
		}
	}
}

func TestExecutionNameIsThatOfUserAndCause(t *testing.T) {
	in := statemachine.Input{UserPoolID: "p_1", Username: "jane"} // the user with the longest key
	if got, want := in.ExecutionName(""), in.UserKey(); got != want {
		t.Errorf("the first execution is named %s, want %s", got, want)
	}
	names := map[string]bool{in.UserKey(): true}
	for _, cause := range []string{"stopped on Monday", "stopped on Tuesday"} {
		name := in.ExecutionName(cause)
		if !legalName.MatchString(name) || !strings.HasPrefix(name, in.UserKey()) || names[name] || name != in.ExecutionName(cause) {
			t.Errorf("%s: the execution is named %s, want a legal name of its own that begins with %s", cause, name, in.UserKey())
		}
		names[name] = true
	}
}

func TestUserWithoutUsableSubKeepsTheUsername(t *testing.T) {
	const uuid = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"
	for sub, want := range map[string]string{uuid: uuid, "": "jane", "jane": "jane", uuid + "x": "jane"} {
		in := statemachine.Input{UserPoolID: "p_1", Username: "jane", Sub: sub}
		if got := in.NamedBySub(); got.Username != want || got.Sub != sub || got.UserPoolID != "p_1" {
			t.Errorf("sub %q: %+v, want the username %s", sub, got, want)
		}
	}
}

func TestInputOnTheWire(t *testing.T) {
	golden, err := os.ReadFile("testdata/input.json")
	if err != nil {
		t.Fatal(err)
	}
	var in statemachine.Input
	decodeStrictly(t, golden, &in)
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(text), strings.TrimSpace(string(golden)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTaskWithoutAnIdentifierIsInvalid(t *testing.T) {
	valid := statemachine.Task{
		State:         statemachine.State{Input: statemachine.Input{UserPoolID: "p_1", Username: "jane"}},
		ExecutionName: "name",
	}
	if err := valid.Validate(); err != nil {
		t.Errorf("valid task: %v", err)
	}
	for field, breakIt := range map[string]func(*statemachine.Task){
		"userPoolId":    func(task *statemachine.Task) { task.State.UserPoolID = "" },
		"username":      func(task *statemachine.Task) { task.State.Username = "" },
		"executionName": func(task *statemachine.Task) { task.ExecutionName = "" },
	} {
		task := valid
		breakIt(&task)
		if err := task.Validate(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("without %s: error %v", field, err)
		}
	}
}

func decodeStrictly(t *testing.T, data []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("decode %s: %v", data, err)
	}
}

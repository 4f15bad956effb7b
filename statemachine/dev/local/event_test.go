package local_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestSampleEvents hands the trigger those of its tests as events of the local pool.
func TestSampleEvents(t *testing.T) {
	a := startAWS(t)
	for file, onboards := range map[string]bool{
		"confirm_sign_up.json": true, "confirm_forgot_password.json": false, "aws_documentation.json": false, "unknown_source.json": false,
	} {
		t.Run(file, func(t *testing.T) {
			event, err := os.ReadFile(filepath.Join(root, "trigger", "testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			event = bytes.ReplaceAll(event, []byte("jane@"), fmt.Appendf(nil, "sample-%d@", users.Add(1)))
			adopted, err := a.Adopt(t.Context(), event)
			if err != nil {
				t.Fatal(err)
			}
			before, err := a.Executions(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.InvokeTrigger(t.Context(), adopted.Event); err != nil {
				t.Fatal(err)
			}
			if onboards {
				u := user{sub: adopted.Sub, username: adopted.Sub}
				u.Email = adopted.Email
				checkSucceeded(t, wait(t, a, u))
				checkEffects(t, a, u, onboarded(t))
			} else if after, err := a.Executions(t.Context()); err != nil || len(after) != len(before) {
				t.Errorf("executions %v, %v, want none but %v", after, err, before)
			}
		})
	}
}

// TestAdoptedEventHasNoMemberMore leaves what an event lacks out, and a federated user
// what it is.
func TestAdoptedEventHasNoMemberMore(t *testing.T) {
	a := startAWS(t)
	for event, want := range map[string]string{
		`{"request":{"userAttributes":{"email":"a@example.com"}}}`: `{"request":{"userAttributes":{"email":"a@example.com"}}}`,
		`{"userPoolId":"eu-west-1_A","callerContext":{"clientId":"b"},"version":1.50,"userName":"Google_1","request":{"userAttributes":{"sub":"c","email":"a@example.com","cognito:user_status":"EXTERNAL_PROVIDER"}}}`: `{"callerContext":{"clientId":"` + a.Stack.ClientID + `"},"request":{"userAttributes":{"cognito:user_status":"EXTERNAL_PROVIDER","email":"a@example.com","sub":"c"}},"userName":"Google_1","userPoolId":"` + a.Stack.UserPoolID + `","version":1.50}`,
	} {
		adopted, err := a.Adopt(t.Context(), []byte(event))
		if err != nil || string(adopted.Event) != want {
			t.Errorf("%s became %s, %v, want %s", event, adopted.Event, err, want)
		}
	}
	for _, event := range []string{"", "[]", "null", "{", `"text"`} {
		if adopted, err := a.Adopt(t.Context(), []byte(event)); err == nil && json.Valid(adopted.Event) && event != "null" {
			t.Errorf("%s became %s", event, adopted.Event)
		}
	}
}

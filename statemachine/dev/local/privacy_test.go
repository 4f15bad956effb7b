package local_test

import (
	"encoding/json"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
)

// TestPersonalDataStaysInCognito searches everything that is kept of an
// onboarding, a failed one included, for the user's address and name: metrics too,
// which are in the logs.
func TestPersonalDataStaysInCognito(t *testing.T) {
	aws := startAWS(t)
	good, bad := signUp(t, aws), signUp(t, aws)
	failCalls(t, aws, bad, 1, "SendEmail", &local.QueryError{Status: 400, Code: "MessageRejected", Message: "Email address is not verified: " + bad.Email})
	kept := make(map[string]string)
	for _, u := range []user{good, bad} {
		e := confirm(t, aws, u)
		kept["input of "+u.sub], kept["output of "+u.sub], kept["cause of "+u.sub] = e.Input, e.Output, e.Cause
		kept["history of "+u.sub] = marshal(t, e.History)
	}
	checkSucceeded(t, wait(t, aws, good))
	checkStopped(t, wait(t, aws, bad), "AddUserToGroup", "SaveProfile", "SendWelcomeEmail")
	events, err := aws.Events(t.Context(), good.sub)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	kept["event"] = events[0]
	var logs strings.Builder
	for _, line := range aws.Logs() {
		logs.WriteString(line.Text + "\n")
	}
	kept["logs"] = logs.String()
	for _, mark := range []string{"execution started", "step ended", "step failed", `"SinceConfirmed":`, `"StepFailures":`} {
		if !strings.Contains(kept["logs"], mark) {
			t.Errorf("the logs have no %q: is everything logged that should be?\n%s", mark, kept["logs"])
		}
	}
	for what, text := range kept {
		for _, secret := range []string{good.Email, bad.Email, "phyrine", "Quux", "example.com"} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s has %q: … %s", what, secret, text[max(0, i-200):i+len(secret)])
			}
		}
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

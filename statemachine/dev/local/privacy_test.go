package local_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

// TestPersonalDataStaysInCognito searches everything that is kept of an
// onboarding, a failed one included, for the user's address and name: metrics too,
// which are in the logs.
func TestPersonalDataStaysInCognito(t *testing.T) {
	aws := startAWS(t)
	good, bad := signUp(t, aws), signUp(t, aws)
	state, first := someStep(t, aws)
	at, refusal := first.at(), http.Handler(&local.APIError{Status: 403, Code: "OptInRequired", Message: bad.Email + " is not allowed"})
	if hasStep(t, mailState) { // SES is the service that quotes addresses
		state, at = mailState, "SendEmail"
		refusal = &local.QueryError{Status: 400, Code: "MessageRejected", Message: "Email address is not verified: " + bad.Email}
	}
	failCalls(t, aws, bad, 1, at, refusal)
	kept := make(map[string]string)
	for _, u := range []user{good, bad} {
		e := confirm(t, aws, u)
		kept["input of "+u.sub], kept["output of "+u.sub], kept["cause of "+u.sub] = e.Input, e.Output, e.Cause
		kept["history of "+u.sub] = marshal(t, e.History)
	}
	checkSucceeded(t, wait(t, aws, good))
	checkStoppedAt(t, wait(t, aws, bad), state)
	if hasStep(t, analyticsState) {
		kept["event"] = marshal(t, eventOfUser(t, aws, good))
	}
	if hasStep(t, mailState) { // what SES tells of a mail has the address
		bounced := signUpAs(t, aws, local.User{Name: "Zéphyrine Quux", Email: simulated("bounce")})
		checkSucceeded(t, confirm(t, aws, bounced))
		kept["record"] = fmt.Sprintf("%+v", waitForReceipt(t, aws, bounced, record.Bounced))
		kept["bounce"] = marshal(t, passedOn(aws, bounced, "WelcomeMailBounced"))
		waitForLine(t, aws, bounced, "MailsBounced")
	}
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
		for _, secret := range []string{good.Email, bad.Email, "phyrine", "Quux", "example.com", "simulator"} {
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

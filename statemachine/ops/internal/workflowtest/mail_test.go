package workflowtest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
	known "example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/user"
)

// TestUserSaysWhatBecameOfTheMail onboards users at addresses of SES's mailbox simulator.
func TestUserSaysWhatBecameOfTheMail(t *testing.T) {
	a := startAWS(t)
	need(t, a, known.MailState)
	for scenario, want := range map[string]string{
		"success": "delivered ", "ooto": "delivered ", "bounce": "bounced ", "complaint": "marked as spam ",
	} {
		p := person{User: local.User{Email: scenario + "+ops@simulator.amazonses.com", Name: "Jane"}}
		var err error
		if p.sub, err = a.SignUp(t.Context(), p.User); err != nil {
			t.Fatal(err)
		}
		if err := a.Confirm(t.Context(), p.User, nil); err != nil {
			t.Fatal(err)
		}
		wait(t, a, p, types.ExecutionStatusSucceeded)
		var r user.Report
		for end := time.Now().Add(lateReceipt); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if r = about[user.Report](t, a, 0, "user", p.sub); strings.HasPrefix(r.Mail, want) {
				break
			}
		}
		if !strings.HasPrefix(r.Mail, want) || strings.Contains(r.Mail, "Permanent") != (scenario == "bounce") ||
			strings.HasSuffix(r.Mail, ": Permanent/General") != (scenario == "bounce") {
			t.Errorf("%s: the mail is %q, want %q", scenario, r.Mail, want)
		}
		if !r.Next.Done {
			t.Errorf("%s: %+v is to be done", scenario, r.Next)
		}
	}
}

package workflowtest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/testmail"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

// replyTo is where answers to the mail go.
const replyTo = "help@onboarding.example"

func TestTestMailSendsEveryLanguage(t *testing.T) {
	a := startAWS(t)
	need(t, a, "SendWelcomeEmail")
	templates, err := welcome.Load()
	if err != nil {
		t.Fatal(err)
	}
	const inbox = "inbox@example.com"
	records := len(a.Calls(isWriteOfARecord))
	report := opstest.Decode[testmail.Report](t, runOps(t, a, 0, "testmail", "--stack", "onboarding", "--to", inbox, "--json"))
	var languages []string
	for _, m := range report.Mails {
		languages = append(languages, m.Language)
		if m.MessageID == "" {
			t.Errorf("%+v has no message ID", m)
		}
	}
	mails := a.Mails(inbox)
	if !slices.Equal(languages, templates.Locales()) || len(mails) != len(languages) {
		t.Errorf("sent %v, and %d mails arrived; want %v", languages, len(mails), templates.Locales())
	}
	for _, m := range mails {
		if !strings.Contains(m.From, sender) || m.Subject == "" || m.HTML == "" || m.Text == "" {
			t.Errorf("mail %+v", m)
		}
	}
	if now := len(a.Calls(isWriteOfARecord)); now != records {
		t.Errorf("%d records were written", now-records)
	}

	t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
		if c.Action != "SendEmail" {
			return nil
		}
		return &local.QueryError{Status: http.StatusBadRequest, Code: "MessageRejected", Message: "Email address is not verified. The following identities failed the check in region US-EAST-1: " + inbox}
	}))
	if out := runOps(t, a, 1, "testmail", "--stack", "onboarding", "--to", inbox); out != "" {
		t.Errorf("printed %q of mails that SES refused", out)
	}
}

func TestAnswersGoToReplyTo(t *testing.T) {
	a := startAWS(t)
	need(t, a, "SendWelcomeEmail")
	p := confirmed(t, a, "answers")
	wait(t, a, p, types.ExecutionStatusSucceeded)
	const inbox = "answers-inbox@example.com"
	runOps(t, a, 0, "testmail", "--stack", "onboarding", "--to", inbox)
	for _, address := range []string{p.Email, inbox} {
		sent := a.Calls(func(c local.Call) bool {
			return c.Action == "SendEmail" && c.Form().Get("Destination.ToAddresses.member.1") == address
		})
		for _, c := range sent {
			if got := c.Form().Get("ReplyToAddresses.member.1"); got != replyTo {
				t.Errorf("answers to the mail to %s go to %q, want %q", address, got, replyTo)
			}
		}
		if len(sent) == 0 {
			t.Errorf("no mail to %s", address)
		}
	}
}

// isWriteOfARecord leaves out the receipts of earlier mails, which come when they come.
func isWriteOfARecord(c local.Call) bool {
	return c.Service == "dynamodb" && (c.Action == "UpdateItem" || c.Action == "PutItem") && c.AccessKeyID != "MailReceiptFunction"
}

package local_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

// What SES may do with its receipts.
var receiptCases = map[string]func([]local.MailEvent) []local.MailDelivery{
	"lost": func([]local.MailEvent) []local.MailDelivery { return nil },
	"late": func(events []local.MailEvent) []local.MailDelivery { return delivered(events, 500*time.Millisecond) },
	"doubled": func(events []local.MailEvent) []local.MailDelivery {
		return append(delivered(events, 0), delivered(events, 300*time.Millisecond)...)
	},
	"out of order": func(events []local.MailEvent) []local.MailDelivery {
		events = slices.Clone(events)
		slices.Reverse(events)
		var list []local.MailDelivery
		for i, e := range events {
			list = append(list, local.MailDelivery{Event: e, After: time.Duration(i) * 300 * time.Millisecond})
		}
		return list
	},
}

// promptly has all receipts come once, at once: their function is what fails.
func promptly(events []local.MailEvent) []local.MailDelivery { return delivered(events, 0) }

// delivered are all events, so long after the mail.
func delivered(events []local.MailEvent, after time.Duration) []local.MailDelivery {
	list := make([]local.MailDelivery, len(events))
	for i, e := range events {
		list[i] = local.MailDelivery{Event: e, After: after}
	}
	return list
}

// receiptFaults strike the receipts of a mail: of one that SES has answered, and of one
// whose answer is lost before or after SES took it.
func receiptFaults() []fault {
	var list []fault
	for name, receipts := range receiptCases {
		for answer, strike := range map[string]func(*local.AWS) http.Handler{
			"answered": nil, "connection reset before its effect": answer(http.HandlerFunc(reset)), "connection reset after its effect": afterEffect(reset),
			"HTTP 503 with a code after its effect": afterEffect(mailError(503, "ServiceUnavailable").ServeHTTP),
		} {
			f := fault{
				row: "SES receipts", at: mailState + " SendEmail", name: "receipts " + name + ", mail " + answer, times: 1,
				strike: strike, receipts: receipts, want: onboardedAnyway,
			}
			f.residue = name == "lost" && answer != "answered" && answer != "connection reset before its effect"
			list = append(list, f)
		}
	}
	for _, f := range functionFaults(mailReceipt) {
		f.receipts, f.want = promptly, onboardedAnyway // Lambda hands the event over again
		list = append(list, f)
	}
	return list
}

// decideReceipts has the fault decide about the user's receipts.
func (f fault) decideReceipts(t *testing.T, aws *local.AWS, u user) {
	t.Helper()
	if f.receipts == nil {
		return
	}
	t.Cleanup(aws.AddOutcomes(func(m local.SentMail, events []local.MailEvent) ([]local.MailDelivery, bool) {
		if !slices.Contains(m.Recipients, u.Email) {
			return nil, false
		}
		return f.receipts(events), true
	}))
}

// checkReceipts checks that the record has each receipt in the end, and knows what became
// of the mail.
func (f fault) checkReceipts(t *testing.T, aws *local.AWS, u user) {
	t.Helper()
	if f.receipts == nil || len(f.receipts(make([]local.MailEvent, 1))) == 0 {
		return
	}
	waitForReceipt(t, aws, u, record.Sent)
	r := waitForReceipt(t, aws, u, record.Delivered)
	if fate, _ := r.Mail.Fate(); fate.Fate != record.Delivered || fate.Message != r.MessageID {
		t.Errorf("the mail %s is %+v", r.MessageID, fate)
	}
}

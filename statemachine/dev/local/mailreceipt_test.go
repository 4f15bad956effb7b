package local_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

// mailReceipt is what the function that notes receipts calls itself.
const mailReceipt = "MailReceipt"

// simulated is an address of SES's mailbox simulator, of another user each time.
func simulated(scenario string) string {
	return fmt.Sprintf("%s+user-%d-of-the-tests@simulator.amazonses.com", scenario, users.Add(1))
}

func recordOf(t *testing.T, a *local.AWS, u user) record.Record {
	t.Helper()
	r, err := record.Table{API: dynamodb.NewFromConfig(a.Config()), Name: a.PhysicalID("DeliveryTable")}.Get(t.Context(), u.sub)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// waitForReceipt waits until the user's record has a receipt of that fate.
func waitForReceipt(t *testing.T, a *local.AWS, u user, want record.Fate) record.Record {
	t.Helper()
	var r record.Record
	if !becomes(func() bool {
		r = recordOf(t, a, u)
		return slices.ContainsFunc(r.Mail, func(r record.Receipt) bool { return r.Fate == want })
	}) {
		t.Fatalf("the record has %+v, want a mail %s", r.Mail, want)
	}
	return r
}

// passedOn returns the details of the events of that type that were put for the user.
func passedOn(a *local.AWS, u user, detailType string) (details []string) {
	for _, c := range once(a.Calls(func(c local.Call) bool { return c.Action == "PutEvents" && u.isIn(c) })) {
		var body struct {
			Entries []struct{ DetailType, Detail string }
		}
		if c.Decode(&body) == nil {
			for _, e := range body.Entries {
				if e.DetailType == detailType {
					details = append(details, e.Detail)
				}
			}
		}
	}
	return details
}

// TestWhatBecameOfAMailIsSeen mails addresses of the simulator, and looks at the record,
// the events and the metrics.
func TestWhatBecameOfAMailIsSeen(t *testing.T) {
	needsStep(t, mailState)
	a := startAWS(t)
	for scenario, test := range map[string]struct {
		fate   record.Fate
		event  string
		metric string
	}{
		"success":         {record.Delivered, "", "MailsDelivered"},
		"ooto":            {record.Delivered, "WelcomeMailBounced", "MailsReturned"},
		"bounce":          {record.Bounced, "WelcomeMailBounced", "MailsBounced"},
		"suppressionlist": {record.Bounced, "WelcomeMailBounced", "MailsBounced"},
		"complaint":       {record.Complained, "WelcomeMailComplained", "MailsComplained"},
	} {
		t.Run(scenario, func(t *testing.T) {
			u := signUpAs(t, a, local.User{Name: "Zéphyrine Quux", Email: simulated(scenario)})
			checkSucceeded(t, confirm(t, a, u))
			waitForLine(t, a, u, test.metric+`":1`)
			r := waitForReceipt(t, a, u, test.fate)
			if fate, _ := r.Mail.Fate(); fate.Fate != test.fate || fate.Message != r.MessageID || fate.MailedAt.IsZero() || fate.At.Before(fate.MailedAt) {
				t.Errorf("the mail %s is %+v", r.MessageID, fate)
			}
			if details := passedOn(a, u, test.event); test.event != "" && len(details) != 1 {
				t.Errorf("events %v, want a %s", details, test.event)
			} else if test.event != "" && !strings.Contains(details[0], u.sub) {
				t.Errorf("event %s", details[0])
			}
		})
	}
}

// waitForLine waits for a line about the user that has all of the parts. It may come a moment
// after its function's answer.
func waitForLine(t *testing.T, a *local.AWS, u user, parts ...string) {
	t.Helper()
	has := func(line local.LogLine) bool {
		lacks := func(part string) bool { return !strings.Contains(line.Text, part) }
		return strings.Contains(line.Text, u.sub) && !slices.ContainsFunc(parts, lacks)
	}
	if !becomes(func() bool { return slices.ContainsFunc(a.Logs(), has) }) {
		t.Errorf("no line about %s has %q", u.sub, parts)
	}
}

func TestReceiptsAreNotedBeforeTheFirstMailIsSent(t *testing.T) {
	sender, ok := resources(t)["SendWelcomeEmailFunction"]
	if !ok {
		t.Skip("template.yaml has no SendWelcomeEmailFunction")
	}
	for _, way := range []string{"MailEvents", "MailReceiptRule", "MailReceiptPermission"} {
		if !slices.Contains(sender.dependsOn, way) {
			t.Errorf("the function may be deployed before %s", way)
		}
	}
}

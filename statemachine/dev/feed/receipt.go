package feed

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

// receipt reads an invocation that handed a function an event of SES; one that failed is
// repeated.
func receipt(c local.Call) (*Event, string) {
	var event struct {
		Source string
		Detail struct {
			EventType string
			Mail      struct {
				MessageID   string `json:"messageId"`
				Destination []string
			}
			Bounce struct{ BounceType, BounceSubType string }
		}
	}
	var answer struct{ ErrorType string }
	if c.Status != http.StatusOK || json.Unmarshal(c.Response, &answer) != nil || answer.ErrorType != "" ||
		json.Unmarshal(c.Body, &event) != nil || event.Source != "aws.ses" {
		return nil, ""
	}
	b := event.Detail.Bounce
	fate, ok := record.FateOf(event.Detail.EventType, b.BounceType)
	if !ok {
		return nil, ""
	}
	r := record.Receipt{Fate: fate, Message: event.Detail.Mail.MessageID}
	if fate == record.Bounced || fate == record.Returned {
		r.Bounce = b.BounceType + "/" + b.BounceSubType
	}
	return &Event{Kind: Receipt, Time: c.Time, Username: strings.Join(event.Detail.Mail.Destination, ", "), Receipt: r}, ""
}

// Fates says what became of the mails that SES gave an ID, by that, as far as the events
// tell.
func Fates(events []Event) map[string]record.Receipt {
	told := make(map[string]record.Mail)
	for _, e := range events {
		if e.Kind == Receipt {
			told[e.Receipt.Message] = append(told[e.Receipt.Message], e.Receipt)
		}
	}
	fates := make(map[string]record.Receipt)
	for id, mail := range told {
		fates[id], _ = mail.Fate()
	}
	return fates
}

// Fate is what became of a mail, in a few words; empty if nothing is known.
func Fate(r record.Receipt) string {
	return strings.TrimSpace(strings.ToLower(string(r.Fate)) + " " + r.Bounce)
}

// Failed reports whether the mail did not reach somebody who wants it.
func Failed(r record.Receipt) bool {
	return slices.Contains([]record.Fate{record.Rejected, record.Bounced, record.Complained}, r.Fate)
}

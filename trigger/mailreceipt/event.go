package main

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"example.com/onboarding/statemachine/record"
)

// event is the part of an event of SES that is read. It has no member with an address
// (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).
type event struct {
	Detail struct {
		EventType string `json:"eventType"`
		Mail      struct {
			Timestamp time.Time           `json:"timestamp"`
			MessageID string              `json:"messageId"`
			Tags      map[string][]string `json:"tags"`
		} `json:"mail"`
		Delivery  occurrence `json:"delivery"`
		Delay     occurrence `json:"deliveryDelay"`
		Complaint occurrence `json:"complaint"`
		Bounce    struct {
			occurrence

			BounceType    string `json:"bounceType"`
			BounceSubType string `json:"bounceSubType"`
		} `json:"bounce"`
	} `json:"detail"`
}

// occurrence says when something happened.
type occurrence struct {
	Timestamp time.Time `json:"timestamp"`
}

// What makes an event one that is not understood.
var (
	errNoEvent = errors.New("not an event of SES")
	errNoTags  = errors.New("the mail has not the tags of a welcome mail")
	errNoMail  = errors.New("the mail has no ID, or no time")
	errNoFate  = errors.New("an event type that is not subscribed to")
)

// parse reads an event of SES. The errors have nothing of its contents.
func parse(payload []byte) (record.Tags, record.Receipt, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return record.Tags{}, record.Receipt{}, errNoEvent
	}
	d := e.Detail
	tags, ok := record.ReadTags(d.Mail.Tags)
	if !ok {
		return record.Tags{}, record.Receipt{}, errNoTags
	}
	r := record.Receipt{Message: d.Mail.MessageID, MailedAt: d.Mail.Timestamp, At: d.Mail.Timestamp}
	if !record.IsPlain(r.Message) || !isTime(r.MailedAt) {
		return record.Tags{}, record.Receipt{}, errNoMail
	}
	if r.Fate, ok = record.FateOf(d.EventType, d.Bounce.BounceType); !ok {
		return record.Tags{}, record.Receipt{}, errNoFate
	}
	happened := r.At
	switch r.Fate {
	case record.Sent, record.Rejected: // these tell no time of their own
	case record.Delivered:
		happened = d.Delivery.Timestamp
	case record.Delayed:
		happened = d.Delay.Timestamp
	case record.Complained:
		happened = d.Complaint.Timestamp
	case record.Bounced, record.Returned:
		happened = d.Bounce.Timestamp
		r.Bounce = word(d.Bounce.BounceType) + "/" + word(d.Bounce.BounceSubType)
	}
	if isTime(happened) {
		r.At = happened
	}
	return tags, r, nil
}

// word returns a type of a bounce, which cannot be an address.
func word(s string) string {
	noLetter := func(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }
	if s == "" || len(s) > 64 || strings.ContainsFunc(s, noLetter) {
		return "Undetermined" // SES's own word for it
	}
	return s
}

// isTime reports whether the record can keep the time, which it compares as text.
func isTime(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 10000 }

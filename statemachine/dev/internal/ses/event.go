package ses

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.com/onboarding/statemachine/dev/internal/uuid"
)

// Event is something that happened to a mail.
type Event struct {
	Type types.EventType
	Time time.Time
	// Detail is that of EventBridge's event, with members named as SES documents them
	// (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).
	Detail map[string]any
}

// kinds say what events of a type are called: in the detail, as its member, and as
// EventBridge's detail type
// (https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html).
var kinds = map[types.EventType]struct{ eventType, member, detailType string }{
	types.EventTypeSend:          {"Send", "send", "Email Sent"},
	types.EventTypeDelivery:      {"Delivery", "delivery", "Email Delivered"},
	types.EventTypeBounce:        {"Bounce", "bounce", "Email Bounced"},
	types.EventTypeComplaint:     {"Complaint", "complaint", "Email Complaint Received"},
	types.EventTypeReject:        {"Reject", "reject", "Email Rejected"},
	types.EventTypeDeliveryDelay: {"DeliveryDelay", "deliveryDelay", "Email Delivery Delayed"},
}

// eventsOf returns the events of a mail in the order in which they happen, of the types
// that are published.
func eventsOf(m Mail, region, account string, published map[types.EventType]bool) []Event {
	happened := []happening{{types.EventTypeSend, 0, map[string]any{}}}
	for _, recipient := range m.Recipients {
		happened = append(happened, fateOf(recipient)...)
	}
	var events []Event
	for _, h := range happened {
		if !published[h.kind] {
			continue
		}
		kind, at := kinds[h.kind], m.time.Add(h.after)
		about := maps.Clone(h.about)
		if h.kind != types.EventTypeSend {
			about["timestamp"] = timestamp(at)
		}
		events = append(events, Event{h.kind, at, map[string]any{
			"eventType": kind.eventType, "mail": m.object(region, account), kind.member: about,
		}})
	}
	return events
}

// object is the member "mail" of all events.
func (m Mail) object(region, account string) map[string]any {
	_, domain, _ := strings.Cut(m.source, "@")
	tags := maps.Clone(m.Tags)
	for name, value := range map[string]string{
		"operation": m.operation, "configuration-set": m.ConfigurationSet, "source-ip": "127.0.0.1", "from-domain": domain, "caller-identity": m.caller,
	} {
		tags["ses:"+name] = []string{value}
	}
	to := strings.Join(m.Recipients, ", ")
	return map[string]any{
		"timestamp": timestamp(m.time), "source": m.source, "sourceArn": fmt.Sprintf("arn:aws:ses:%s:%s:identity/%s", region, account, domain),
		"sendingAccountId": account, "messageId": m.ID, "destination": m.Recipients, "tags": tags, "headersTruncated": false,
		"headers": []map[string]string{
			{"name": "From", "value": m.from}, {"name": "To", "value": to}, {"name": "Subject", "value": m.subject}, {"name": "MIME-Version", "value": "1.0"},
		},
		"commonHeaders": map[string]any{"from": []string{m.from}, "to": m.Recipients, "messageId": m.ID, "subject": m.subject},
	}
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// feedbackID is the ID of a bounce or a complaint.
func feedbackID() string { return uuid.New() + "-000000" }

package ses

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// happening is what happens to a mail some time after it was sent.
type happening struct {
	kind  types.EventType
	after time.Duration
	// about is the event's own member, but for the timestamp.
	about map[string]any
}

// simulator is the domain of the mailbox simulator. Its addresses may have a label, such
// as bounce+label@simulator.amazonses.com
// (https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html).
const simulator = "simulator.amazonses.com"

// How long after the mail was sent the other events happen. The simulator complains and
// answers within the same moment, and such an event may have an earlier time than the
// delivery, as events that SES published in 2026 had.
const (
	answeredAfter  = 20 * time.Millisecond
	deliveredAfter = 30 * time.Millisecond
)

// fateOf returns what happens to a mail to the recipient: it is delivered, but for
// addresses of the simulator that stand for something else.
//
// suppressionlist@ is documented as a hard bounce as if the address was on SES's own
// suppression list. The events that SES published for it in 2026 had the subtype General
// like those of bounce@, and not Suppressed; so have these.
func fateOf(recipient string) []happening {
	local, domain, _ := strings.Cut(strings.ToLower(recipient), "@")
	scenario, _, _ := strings.Cut(local, "+")
	if domain != simulator {
		scenario = ""
	}
	switch scenario {
	case "bounce":
		return []happening{hardBounce(recipient, "smtp; 550 5.1.1 As requested: user unknown <"+recipient+">")}
	case "suppressionlist":
		return []happening{hardBounce(recipient, "smtp; 550 5.1.1 As requested: user unknown (suppressed address: "+recipient+")")}
	case "complaint":
		return []happening{delivery(recipient), complaint(recipient)}
	case "ooto":
		return []happening{delivery(recipient), automaticReply(recipient)}
	}
	return []happening{delivery(recipient)}
}

func delivery(recipient string) happening {
	return happening{types.EventTypeDelivery, deliveredAfter, map[string]any{
		"processingTimeMillis": deliveredAfter.Milliseconds(), "recipients": []string{recipient},
		"smtpResponse": "250 Ok", "remoteMtaIp": "127.0.0.1", "reportingMTA": "a1-1.smtp-out.amazonses.com",
	}}
}

func hardBounce(recipient, diagnosis string) happening {
	return happening{types.EventTypeBounce, answeredAfter, map[string]any{
		"feedbackId": feedbackID(), "bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": []map[string]string{
			{"emailAddress": recipient, "action": "failed", "status": "5.1.1", "diagnosticCode": diagnosis},
		},
		"remoteMtaIp": "127.0.0.1", "reportingMTA": "dns; a1-1.smtp-out.amazonses.com",
	}}
}

// automaticReply is one such as "out of the office", which SES reports as a bounce.
func automaticReply(recipient string) happening {
	return happening{types.EventTypeBounce, answeredAfter, map[string]any{
		"feedbackId": feedbackID(), "bounceType": "Transient", "bounceSubType": "General",
		"bouncedRecipients": []map[string]string{{"emailAddress": recipient}},
	}}
}

func complaint(recipient string) happening {
	return happening{types.EventTypeComplaint, answeredAfter, map[string]any{
		"feedbackId": feedbackID(), "complaintSubType": nil, "complainedRecipients": []map[string]string{{"emailAddress": recipient}},
		"userAgent": "Amazon SES Mailbox Simulator", "complaintFeedbackType": "abuse",
	}}
}

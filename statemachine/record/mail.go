package record

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Fate is what SES tells of a mail that it took
// (https://docs.aws.amazon.com/ses/latest/dg/monitor-sending-activity.html).
type Fate string

// The fates.
const (
	// Sent: SES took the mail.
	Sent Fate = "Sent"
	// Delayed: the recipient's server does not take it yet, and SES goes on trying.
	Delayed Fate = "Delayed"
	// Returned: it bounced, but not for good. SES has given up, or it is an automatic
	// answer, such as one of somebody who is out of office, to a mail that was delivered.
	Returned Fate = "Returned"
	// Delivered: the recipient's server took it.
	Delivered Fate = "Delivered"
	// Rejected: SES found a virus in it, and does not deliver it.
	Rejected Fate = "Rejected"
	// Bounced: the address takes no mail, or SES suppresses it.
	Bounced Fate = "Bounced"
	// Complained: the recipient marked it as spam.
	Complained Fate = "Complained"
)

// fates has all of them in the order of what counts: of two that a mail has met, the later
// one says what became of it, whichever came first.
var fates = []Fate{Sent, Delayed, Returned, Delivered, Rejected, Bounced, Complained}

// FateOf returns what an event of SES tells, by its type and, for a bounce, its bounce type;
// false if it tells no fate
// (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).
func FateOf(eventType, bounceType string) (Fate, bool) {
	if eventType == "Bounce" && bounceType != "Permanent" {
		return Returned, true
	}
	f, ok := events[eventType]
	return f, ok
}

// events are the types of SES's events.
var events = map[string]Fate{
	"Send": Sent, "DeliveryDelay": Delayed, "Delivery": Delivered,
	"Reject": Rejected, "Bounce": Bounced, "Complaint": Complained,
}

// Receipt is one thing that SES tells of a mail.
type Receipt struct {
	Fate Fate
	// Message is the ID that SES gave the mail, MailedAt when it took the mail.
	Message  string
	MailedAt time.Time
	// At is when it happened.
	At time.Time
	// Bounce is the type of what has bounced or was returned, such as Permanent or
	// Transient, and its subtype, with a slash between them; empty for another fate
	// (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html#event-publishing-retrieving-sns-contents-bounce-types).
	Bounce string
}

// Mail is what SES has told of a user's mail: the receipts, each fate once at most.
type Mail []Receipt

// Fate returns what became of the mail: of the one that SES took last, if there were
// two. There is none as long as SES has told nothing.
func (m Mail) Fate() (Receipt, bool) {
	if len(m) == 0 {
		return Receipt{}, false
	}
	return slices.MaxFunc(m, func(a, b Receipt) int {
		return cmp.Or(a.MailedAt.Compare(b.MailedAt), cmp.Compare(a.Message, b.Message),
			cmp.Compare(slices.Index(fates, a.Fate), slices.Index(fates, b.Fate)))
	}), true
}

// Knows reports whether SES has told this of the mail before, or of a later one.
func (m Mail) Knows(r Receipt) bool {
	return slices.ContainsFunc(m, func(known Receipt) bool {
		return known.Fate == r.Fate && (known.Message == r.Message || known.text() >= r.text())
	})
}

// Noted is what became of a receipt.
type Noted string

// What may become of it.
const (
	// First: it tells something new.
	First Noted = "first"
	// Again: the record knew as much, because events come twice and out of order.
	Again Noted = "again"
	// Foreign: the record is not of this mailing. An operator has sent another mail on
	// purpose since, or the user is forgotten.
	Foreign Noted = "foreign"
)

// Note notes a receipt of a mail of the mailing (see Record.Mailing). Receipts may come
// late, twice and in any order: the record is the same in the end. The error is
// DynamoDB's.
//
// A receipt proves that SES took the mail, so that Note sets the mail's ID too, for an
// attempt that did not learn it.
func (t Table) Note(ctx context.Context, user, mailing string, r Receipt) (Noted, error) {
	name := attribute(r.Fate)
	out, err := t.API.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:           &t.Name,
		Key:                 KeyOf(user),
		UpdateExpression:    aws.String("SET " + name + " = :receipt, messageId = if_not_exists(messageId, :message)"),
		ConditionExpression: aws.String("mailing = :mailing AND (attribute_not_exists(" + name + ") OR " + name + " < :receipt)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":receipt": text(r.text()), ":message": text(r.Message), ":mailing": text(mailing),
		},
		ReturnValues:                        types.ReturnValueAllOld,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		if Read(refused.Item).Mailing == mailing {
			return Again, nil
		}
		return Foreign, nil
	}
	if err != nil {
		return "", fmt.Errorf("update the record: %w", err)
	}
	if Read(out.Attributes).Mail.Knows(r) { // a delay may be told every few hours
		return Again, nil
	}
	return First, nil
}

// MailMembers are the members of an item that have what is known of the mail: without
// them, another mail is sent.
func MailMembers() []string {
	members := []string{"attempt", "deadline", "receiptBy", "mailing", "messageId"}
	for _, f := range fates {
		members = append(members, attribute(f))
	}
	return members
}

// attribute is where an item has the receipt of a fate.
func attribute(f Fate) string { return "mail" + string(f) }

// text is the receipt as an item has it. Of two receipts of one fate the greater text
// counts: that of the later mail, and of one mail what happened later.
func (r Receipt) text() string {
	return strings.TrimSpace(r.MailedAt.UTC().Format(layout) + " " + r.Message + " " + r.At.UTC().Format(layout) + " " + r.Bounce)
}

// readMail reads the receipts of an item. What is not as Note writes it counts as
// missing.
func readMail(item map[string]types.AttributeValue) Mail {
	var m Mail
	for _, fate := range fates {
		parts := append(strings.Fields(stringOf(item[attribute(fate)])), "")
		if len(parts) < 4 {
			continue
		}
		m = append(m, Receipt{
			Fate: fate, MailedAt: timeOf(text(parts[0])), Message: parts[1], At: timeOf(text(parts[2])), Bounce: parts[3],
		})
	}
	return m
}

// Tags are the tags of a mail, which SES tells with each of its receipts: whose it is.
type Tags struct {
	// User is whose record to note a receipt in: see statemachine.Input.UserKey.
	User, UserPoolID string
	// Execution is the name of the execution that sent the mail.
	Execution string
	// Mailing is that of the record.
	Mailing string
}

// Names of the tags.
const (
	tagUser      = "user"
	tagPool      = "userPoolId"
	tagExecution = "execution"
	tagMailing   = "mailing"
)

// Pairs are names and values of the tags. The name of an execution that somebody started
// by hand may have what a tag may not have, and a dash in place of it.
func (t Tags) Pairs() [][2]string {
	execution := strings.Map(func(r rune) rune {
		if notPlain(r) {
			return '-'
		}
		return r
	}, t.Execution)
	return [][2]string{{tagUser, t.User}, {tagPool, t.UserPoolID}, {tagExecution, execution}, {tagMailing, t.Mailing}}
}

// ReadTags reads the tags of a receipt, each of which may have several values there. It
// takes no value that Pairs cannot have made: a mail address, for one.
func ReadTags(tags map[string][]string) (Tags, bool) {
	one := func(name string) string {
		if values := tags[name]; len(values) == 1 && IsPlain(values[0]) {
			return values[0]
		}
		return ""
	}
	t := Tags{User: one(tagUser), UserPoolID: one(tagPool), Execution: one(tagExecution), Mailing: one(tagMailing)}
	return t, t.User != "" && t.UserPoolID != "" && t.Execution != "" && t.Mailing != ""
}

// IsPlain reports whether a text is what a tag may be, and an ID of SES: no address is.
func IsPlain(text string) bool {
	return text != "" && len(text) <= 256 && !strings.ContainsFunc(text, notPlain)
}

// notPlain reports whether a tag may not have the character. A regular expression for
// it would take half a millisecond of each function's init.
func notPlain(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '_' && r != '-'
}

// Package record keeps what each user has been given: one item a user, for good, with
// the outcome of each step. Step Functions forgets an execution, and its name, 90 days
// after it has ended; the record is what tells whether a user was onboarded.
//
// # Item
//
//	delivery     the key: see KeyOf
//	AddUserToGroup, … (a state's name)
//	             map: status, reason, until, result, execution, at (see Step)
//	onboardedAt  when the last state of the definition ended, such as
//	             2026-03-01T12:00:00.123Z; missing before that
//	attempt, deadline, receiptBy, mailing, messageId
//	             what SendWelcomeEmail knows of its mail
//	mailSent, mailDelivered, … (mail and a Fate)
//	             what SES told of the mail: when it took the mail, the mail's ID, when
//	             it happened, and the type of a bounce (see Receipt)
//
// It has no personal data: a step's result is one that execution history keeps, too.
//
// The table was one of mails before it was one of records, hence its key. An item of
// that time has nothing but what is known of the mail, and counts: see Record.Onboarded.
package record

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.com/onboarding/statemachine"
)

// KeyName is the name of the table's key.
const KeyName = "delivery"

// KeyOf is the key of a user's record; the user is named by Input.UserKey.
func KeyOf(user string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{KeyName: text(user + keyEnd)}
}

// UserOf returns whose record has that key, and whether it is the key of a record.
func UserOf(key string) (user string, ok bool) { return strings.CutSuffix(key, keyEnd) }

const keyEnd = "/welcome"

// Step is how a step ended for a user.
type Step struct {
	Status statemachine.Status
	Reason statemachine.Reason
	// Until is what must come true for a step that was skipped; empty for one that
	// was done, or is skipped for good.
	Until statemachine.Condition
	// Result is the whole result, as Step Functions had it.
	Result json.RawMessage
	// Execution is the name of the execution that the step ended in.
	Execution string
	At        time.Time
}

// Record is what is known of a user. The zero Record is that of a user of whom nothing
// is known.
type Record struct {
	// Steps are the steps that ended, by the names of their states.
	Steps map[string]Step
	// OnboardedAt is when the last state ended; zero before.
	OnboardedAt time.Time
	// MessageID is the ID of the welcome mail; empty when none is known to be sent.
	MessageID string
	// Attempt is that of SendWelcomeEmail which may have sent the mail, or is about
	// to; empty when there is none.
	Attempt string
	// Mailing is the first of the attempts to send the same mail: those that came after
	// it because it was refused, or because nobody knew whether it was sent. A mail that
	// an operator sends again on purpose is another mailing.
	Mailing string
	// Mail is what SES has told of the mailing.
	Mail Mail
}

// Exists reports whether anything is known of the user.
func (r Record) Exists() bool {
	return len(r.Steps) > 0 || r.MessageID != "" || r.Attempt != ""
}

// Onboarded reports whether all steps have ended, done or skipped. A record of the time
// when the table held mails only counts: its user was onboarded, or stopped in an
// execution which operators were told of.
func (r Record) Onboarded() bool {
	return !r.OnboardedAt.IsZero() || len(r.Steps) == 0 && r.Exists()
}

// API is the part of DynamoDB's API that a Table needs.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Table is the table of records.
type Table struct {
	API  API
	Name string
}

// Get returns the record of a user, as it is now. The error is DynamoDB's.
func (t Table) Get(ctx context.Context, user string) (Record, error) {
	out, err := t.API.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.Name, Key: KeyOf(user), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return Record{}, fmt.Errorf("get the record: %w", err)
	}
	return Read(out.Item), nil
}

// StepEnded notes how a step ended for a user, and that it was the last one. The error
// is DynamoDB's.
func (t Table) StepEnded(ctx context.Context, user, state string, s Step, last bool) error {
	in := &dynamodb.UpdateItemInput{
		TableName:                &t.Name,
		Key:                      KeyOf(user),
		UpdateExpression:         aws.String("SET #state = :step"),
		ExpressionAttributeNames: map[string]string{"#state": state},
		ExpressionAttributeValues: map[string]types.AttributeValue{":step": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"status": text(string(s.Status)), "reason": text(string(s.Reason)), "until": text(string(s.Until)),
			"result": text(string(s.Result)), "execution": text(s.Execution), "at": text(s.At.UTC().Format(layout)),
		}}},
	}
	if last {
		*in.UpdateExpression += ", onboardedAt = :at"
		in.ExpressionAttributeValues[":at"] = text(s.At.UTC().Format(layout))
	}
	if _, err := t.API.UpdateItem(ctx, in); err != nil {
		return fmt.Errorf("update the record: %w", err)
	}
	return nil
}

// layout is that of times in the table.
const layout = "2006-01-02T15:04:05.000Z07:00"

// Read reads the item of a record; nil is that of a user of whom nothing is known.
// Members of unexpected types count as missing.
func Read(item map[string]types.AttributeValue) Record {
	r := Record{
		OnboardedAt: timeOf(item["onboardedAt"]),
		MessageID:   stringOf(item["messageId"]),
		Attempt:     stringOf(item["attempt"]),
		Mailing:     stringOf(item["mailing"]),
		Mail:        readMail(item),
	}
	for name, value := range item {
		if m, ok := value.(*types.AttributeValueMemberM); ok {
			if r.Steps == nil {
				r.Steps = make(map[string]Step)
			}
			r.Steps[name] = readStep(m.Value)
		}
	}
	return r
}

func readStep(m map[string]types.AttributeValue) Step {
	return Step{
		Status:    statemachine.Status(stringOf(m["status"])),
		Reason:    statemachine.Reason(stringOf(m["reason"])),
		Until:     statemachine.Condition(stringOf(m["until"])),
		Result:    json.RawMessage(stringOf(m["result"])),
		Execution: stringOf(m["execution"]),
		At:        timeOf(m["at"]),
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func stringOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func timeOf(v types.AttributeValue) time.Time {
	t, err := time.Parse(layout, stringOf(v))
	if err != nil {
		return time.Time{}
	}
	return t
}

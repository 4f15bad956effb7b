package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/record"
)

// Records are the records of users: see [record.Table].
type Records interface {
	Get(ctx context.Context, user string) (record.Record, error)
	Note(ctx context.Context, user, mailing string, r record.Receipt) (record.Noted, error)
}

// MailReceipt notes in the users' records what SES tells of their mails, and passes
// bounces and complaints on.
type MailReceipt struct {
	Records Records
	Events  EventsAPI
	Log     *slog.Logger
	Metrics metrics.Stack
}

// line is the log line of a receipt that is new, and what counts it.
type line struct {
	message string
	counter metrics.Counter
}

var lines = map[record.Fate]line{
	record.Sent:       {"mail sent", metrics.MailsSent},
	record.Delayed:    {"mail delayed", metrics.MailsDelayed},
	record.Returned:   {"mail returned", metrics.MailsReturned},
	record.Delivered:  {"mail delivered", metrics.MailsDelivered},
	record.Rejected:   {"mail rejected", metrics.MailsRejected},
	record.Bounced:    {"mail bounced", metrics.MailsBounced},
	record.Complained: {"mail complained of", metrics.MailsComplained},
}

// Handle notes what one event of SES tells. An event that is not as SES documents it is
// logged, without its contents, and otherwise left alone: no retry would help. The error
// is that of a call, which Lambda retries; its text has no more than the code.
func (m *MailReceipt) Handle(ctx context.Context, payload json.RawMessage) error {
	tags, receipt, err := parse(payload)
	if err != nil {
		m.Log.WarnContext(ctx, "receipt not understood", "error", err.Error())
		return nil
	}
	log := m.Log.With("execution", tags.Execution, "messageId", receipt.Message)
	if receipt.Bounce != "" {
		log = log.With("bounce", receipt.Bounce)
	}
	noted, err := m.note(ctx, tags, receipt)
	switch {
	case err != nil:
		err = errors.New(codeOf(err))
		log.ErrorContext(ctx, "receipt not noted", "error", err.Error())
		return err
	case noted == record.First:
		l := lines[receipt.Fate]
		log.LogAttrs(ctx, slog.LevelInfo, l.message, m.Metrics.Count(l.counter)...)
	default:
		log.InfoContext(ctx, "receipt left alone", "fate", receipt.Fate, "noted", noted)
	}
	return nil
}

// note passes on what somebody should act on, and notes the receipt then: if that fails,
// the event is put again, because of two a consumer takes one, and of none nobody knows.
//
// A complaint about a mail that an operator has repeated since is passed on too, and counts
// as new each time that SES tells of it: the record has no place for it.
func (m *MailReceipt) note(ctx context.Context, tags record.Tags, r record.Receipt) (record.Noted, error) {
	detailType := detailTypes[r.Fate]
	if detailType == "" {
		return m.Records.Note(ctx, tags.User, tags.Mailing, r)
	}
	known, err := m.Records.Get(ctx, tags.User)
	if err != nil {
		return "", err
	}
	former := r.Fate == record.Complained && known.Exists() && known.Mailing != tags.Mailing
	if former || known.Mailing == tags.Mailing && !known.Mail.Knows(r) {
		if err := put(ctx, m.Events, detailType, tags, r); err != nil {
			return "", err
		}
	}
	if former {
		return record.First, nil
	}
	return m.Records.Note(ctx, tags.User, tags.Mailing, r)
}

// codeOf names the call that failed, and why. It never has the error's own text.
func codeOf(err error) string {
	call, code := "", "no answer"
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		call = op.Service() + " " + op.Operation() + ": "
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	return call + code
}

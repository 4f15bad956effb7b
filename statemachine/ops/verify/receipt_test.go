package verify

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

// looks are what one look at the record after the other sees; the last one remains.
type looks []record.Mail

func (l *looks) Get(_ context.Context, user string) (record.Record, error) {
	if user != "key" {
		return record.Record{}, errors.New("another user's record")
	}
	r := record.Record{Mail: (*l)[0], MessageID: "m"}
	if len(*l) > 1 {
		*l = (*l)[1:]
	}
	return r, nil
}

func mailOf(fates ...record.Fate) (m record.Mail) {
	for _, fate := range fates {
		r := record.Receipt{Fate: fate, Message: "m", MailedAt: opstest.Now, At: opstest.Now}
		if fate == record.Bounced {
			r.Bounce = "Permanent/General"
		}
		m = append(m, r)
	}
	return m
}

type recordsError string

func (e recordsError) Get(context.Context, string) (record.Record, error) {
	return record.Record{}, opstest.APIError(string(e))
}

func TestMailMustBeDelivered(t *testing.T) {
	done, skipped := record.Step{Status: statemachine.StatusDone}, record.Step{Status: statemachine.StatusSkipped}
	for name, test := range map[string]struct {
		step    record.Step
		records recordsAPI
		want    string
	}{
		"delivered":       {done, &looks{mailOf(record.Sent, record.Delivered)}, "ok: delivered 20"},
		"in the end":      {done, &looks{nil, mailOf(record.Sent), mailOf(record.Sent, record.Delivered)}, "ok: delivered 20"},
		"after a delay":   {done, &looks{mailOf(record.Delayed), mailOf(record.Delayed, record.Delivered)}, "ok: delivered 20"},
		"no receipt":      {done, &looks{nil}, "FAILED: SES has told nothing of the mail within 1m0s: run ops doctor"},
		"sent and no end": {done, &looks{mailOf(record.Sent)}, "FAILED: the mail was sent 20"},
		"delayed":         {done, &looks{mailOf(record.Sent, record.Delayed)}, "FAILED: the mail was sent, and delayed 20"},
		"bounced":         {done, &looks{mailOf(record.Sent, record.Bounced)}, "FAILED: the mail bounced 20"},
		"rejected":        {done, &looks{mailOf(record.Sent, record.Rejected)}, "FAILED: the mail was rejected by SES"},
		"complained":      {done, &looks{mailOf(record.Delivered, record.Complained)}, "FAILED: the mail was marked as spam"},
		"no mail":         {skipped, &looks{nil}, "not checked: SendWelcomeEmail has sent no mail"},
		"error":           {done, recordsError("InternalServerError"), "FAILED: "},
	} {
		synctest.Test(t, func(t *testing.T) {
			want(t, name, outcome(t, func(ctx context.Context) (string, error) {
				p := &person.Person{Key: "key", Record: record.Record{Steps: map[string]record.Step{person.MailState: test.step}}}
				return checkReceipt(ctx, test.records, p, patience{time.Minute, time.Second})
			}), test.want)
		})
	}
}

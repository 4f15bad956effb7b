package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

// recordsAPI is a [record.Table].
type recordsAPI interface {
	Get(ctx context.Context, user string) (record.Record, error)
}

// checkReceipt checks that the record has the receipt of the user's mail, as delivered:
// the simulator takes it. The removal need not wait for receipts, because one that comes
// after it makes no record (see record.Table.Note).
func checkReceipt(ctx context.Context, records recordsAPI, p *person.Person, wait patience) (seen string, err error) {
	if p.Record.Steps[person.MailState].Status != statemachine.StatusDone {
		return "", uncheckedError(person.MailState + " has sent no mail")
	}
	var fate record.Receipt
	var told bool
	delivered, err := wait.until(ctx, func() (bool, error) {
		r, err := records.Get(ctx, p.Key)
		if err != nil {
			return false, err
		}
		fate, told = r.Mail.Fate()
		seen = (&person.Person{Record: r}).Mail(time.Now())
		return fate.Fate == record.Delivered, refusal(fate, seen)
	})
	switch {
	case err != nil || delivered:
		return seen, err
	case told:
		return "", fmt.Errorf("the mail was %s, and is not delivered after %s: run ops doctor", seen, wait.wait)
	}
	return "", fmt.Errorf("SES has told nothing of the mail within %s: run ops doctor, and see Receipts lost in the runbook", wait.wait)
}

// refusal is the error for a mail that will not be delivered.
func refusal(fate record.Receipt, seen string) error {
	switch fate.Fate {
	case record.Bounced:
		return errors.New("the mail " + seen + ", though the simulator takes it: see Mails bounced in the runbook")
	case record.Rejected:
		return errors.New("the mail was " + seen + ": look at its text and its links")
	case record.Complained:
		return errors.New("the mail was " + seen + ", though the simulator takes it: see Mails complained in the runbook")
	case record.Sent, record.Delayed, record.Returned, record.Delivered:
	}
	return nil
}

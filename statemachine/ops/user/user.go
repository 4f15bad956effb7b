// Package user shows what is known of one user, and what to do.
package user

import (
	"context"

	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Command is the command user.
type Command struct {
	person.Flags

	ShowUsernames bool `help:"Show the username and the mail address too, which are personal data."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `It only reads: the user in the pool, the profile item, the record of what the user was given, and the executions: the first one, those that the record names, and those that were started again after them. A user who was deleted is found by the sub.

The exit code is 2 when there is something to do, with the command that does it.`
}

// Run shows what is known of the user.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	k, p, err := c.Open(ctx, s)
	if err != nil {
		return err
	}
	report := newReport(k, p, s.Now(), c.ShowUsernames)
	if c.JSON {
		s.PrintJSON(report)
	} else {
		report.print(s)
	}
	if report.Next.Action != person.Nothing {
		return session.ErrAttention
	}
	return nil
}

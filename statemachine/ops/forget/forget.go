// Package forget deletes what the onboarding has of a user.
package forget

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Command is the command forget.
type Command struct {
	person.Flags

	DeleteUser bool `help:"Delete the user in the pool, too."`
	Yes        bool `help:"Do not ask."`
	DryRun     bool `help:"Say what would be done, and do nothing."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `A user who is still in the pool is refused without --delete-user: the onboarding of such a user would begin anew.

In this order: the user in the pool, running executions, the profile, the event UserForgotten (source onboarding) on the default event bus, the record. Each may be repeated, and the record is the last, so that a run that was broken off is run again, with the user's sub. It prints what remains where, and until when: nobody can delete an execution or a log line.

The exit code is 2 when an execution was stopped: a step that ran may write for another minute, so run the same command again after that.`
}

// Run forgets the user.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	k, p, err := c.Open(ctx, s)
	if err != nil {
		return err
	}
	if p.User != nil && !c.DeleteUser {
		return fmt.Errorf("the user %s is in the pool, and would be onboarded anew: delete the user first, or give --delete-user", p.Key)
	}
	if !c.DryRun && !c.Yes && (p.Known() || len(running(p)) > 0) {
		if err := s.Confirm(ctx, "Delete "+strings.Join(plan(p), ", ")+" of the user "+p.Key+"? It cannot be undone."); err != nil {
			return err
		}
	}
	r := Report{User: p.Key, DryRun: c.DryRun, Done: plan(p), Remains: remains(k, p, s.Now())}
	if !c.DryRun {
		r.Done, err = New(s, k).Forget(ctx, p)
	}
	r.Again = err == nil && !c.DryRun && len(running(p)) > 0
	if c.JSON {
		s.PrintJSON(r)
	} else {
		r.print(s, k)
	}
	if err == nil && (r.Again || c.DryRun && len(r.Done) > 0) {
		return session.ErrAttention
	}
	if err != nil {
		err = errors.Join(err, errors.New("the user is not forgotten yet: run "+k.Command("forget", p.Key)))
	}
	return err
}

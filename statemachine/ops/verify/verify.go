// Package verify is the acceptance test of a stack: it onboards users of its own, looks
// for everything that they should have, and removes them.
package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/ops/forget"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Command is the command verify.
type Command struct {
	Stack string        `required:"" placeholder:"NAME" help:"Name of the stack."`
	Wait  time.Duration `default:"5m" help:"How long to wait for what AWS shows late: receipt of the mail, event, metric, trace, history of the alarm."`
	Alarm bool          `default:"true" negatable:"" help:"Send a test alarm, and the OK after it, to whoever receives the stack's alarms."`
	JSON  bool          `name:"json" help:"Print one JSON document instead of a table."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `It signs two users up, whose mails go to SES's mailbox simulator, and confirms them. The first one signs in and is onboarded; the execution of the second one is stopped and redriven. Each check is ok, FAILED, or was not checked, with the reason.

What it makes it removes, also when it is interrupted: both users with record and profile, and the app client that they sign in through. What a run that was killed has left, the next one removes; so let one run end before the next. Executions, logs, traces, metrics and two UserOnboarded events with the campaign ops-verify remain, as of all users.

The exit code is 0 when no check failed, and 1 when one did or it could not be made to its end.`
}

// run is one acceptance test.
type run struct {
	s       *session.Session
	stack   *stack
	pool    *pool
	late    patience
	alarm   bool
	since   time.Time
	machine *sfn.Client
}

// Run makes the checks, removes what it made, and prints what was seen.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	k, err := readStack(ctx, s, c.Stack)
	if err != nil {
		return err
	}
	r := &run{
		s: s, stack: k, pool: &pool{api: cognito.NewFromConfig(s.Config), id: k.Pool}, late: patience{c.Wait, 5 * time.Second},
		alarm: c.Alarm, since: time.Now(), machine: sfn.NewFromConfig(s.Config),
	}
	if err := r.pool.open(ctx); err != nil {
		return err
	}
	remover := remover{
		pool: r.pool, finder: person.NewFinder(s.Config, k.Stack), forgetter: forget.New(s, k.Stack), sleep: pace.Sleep, now: time.Now,
	}
	left, err := remover.former(ctx)
	if err != nil {
		return fmt.Errorf("remove what a former run has left: %w", err)
	}
	if left > 0 {
		fmt.Fprintf(s.Stderr, "removed %d users and app clients that a former run had left\n", left)
	}
	rows, err := r.checks(ctx)
	fmt.Fprintln(s.Stderr, "removing the users")
	removed := check{"removal", func(ctx context.Context) (string, error) {
		return fmt.Sprintf("%d users, %d app client", len(r.pool.subs), len(r.pool.clients)), remover.remove(ctx, r.pool.subs, r.pool.clients)
	}}.row(ctx)
	if err = errors.Join(err, session.Ended(ctx)); err != nil {
		if removed.Result != OK {
			err = errors.Join(err, errors.New(removed.Seen+"; the next run removes it"))
		}
		return err
	}
	report := newReport(c.Stack, append(rows, removed))
	if c.JSON {
		s.PrintJSON(report)
	} else {
		report.print(s)
	}
	return report.err()
}

// checks returns the rows; an error, if no user could be made.
func (r *run) checks(ctx context.Context) ([]Row, error) {
	fmt.Fprintln(r.s.Stderr, "signing up")
	client, err := r.pool.makeClient(ctx)
	if err != nil {
		return nil, err
	}
	first, err := r.pool.signUp(ctx, client)
	if err != nil {
		return nil, err
	}
	second, err := r.pool.signUp(ctx, client)
	if err != nil {
		return nil, err
	}
	if err := r.pool.confirm(ctx, first); err != nil {
		return nil, err
	}
	rows := runChecks(ctx, r.early(client, first))
	p, err := person.NewFinder(r.s.Config, r.stack.Stack).Find(ctx, first.sub)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(r.s.Stderr, "waiting for what AWS shows late, %s at the most\n", r.late.wait)
	return append(rows, runChecks(ctx, append(r.given(p), r.later(first, second)...))...), session.Ended(ctx)
}

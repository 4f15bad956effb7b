// Package orphans finds what the onboarding has of users who are no longer in the pool.
package orphans

import (
	"context"
	"errors"
	"fmt"

	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.com/onboarding/statemachine/ops/forget"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/progress"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Command is the command orphans.
type Command struct {
	Stack  string  `required:"" placeholder:"NAME" help:"Name of the stack."`
	JSON   bool    `name:"json" help:"Print one JSON document instead of tables."`
	Forget bool    `help:"Forget each of these users, as the command forget does."`
	Yes    bool    `help:"Do not ask."`
	Rate   float64 `default:"5" help:"Users a second to forget."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `It reads the tables of profiles and records and lists the pool's users, each once: a million users take about half an hour, and some cents for the reads. An item whose key is not that of a user, and a profile of another pool, are not looked at; a record does not say its pool. Before a user is forgotten the pool is asked once more.

The exit code is 2 when users are left to be forgotten.`
}

// Validate implements kong's check of the flags.
func (c Command) Validate() error {
	if c.Rate <= 0 {
		return errors.New("--rate must be positive")
	}
	return nil
}

// Run lists the orphans, and forgets them if asked to.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	k, err := person.ReadStack(ctx, s, c.Stack)
	if err != nil {
		return err
	}
	shown := progress.New(s.Stderr, "reading tables and pool", 0)
	found, err := find(ctx, dynamodb.NewFromConfig(s.Config), cognito.NewFromConfig(s.Config), k, shown.Add)
	shown.End()
	if err != nil {
		return err
	}
	report := Report{Orphans: found}
	if c.Forget && len(found) > 0 {
		if !c.Yes {
			if err := s.Confirm(ctx, fmt.Sprintf("Forget %d users: delete profile and record of each? It cannot be undone.", len(found))); err != nil {
				return err
			}
		}
		err = c.forgetAll(ctx, s, forgetter{person.NewFinder(s.Config, k), forget.New(s, k)}, found)
	}
	report.count()
	if c.JSON {
		s.PrintJSON(report)
	} else {
		report.print(s, c)
	}
	if err == nil && report.Summary.Left > 0 {
		return session.ErrAttention
	}
	return err
}

// forgetAll forgets the users and notes the result of each.
func (c Command) forgetAll(ctx context.Context, s *session.Session, f forgets, found []*orphan) error {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	paced, streak := pace.New(c.Rate, 1), &pace.Streak{GiveUp: giveUp}
	shown := progress.New(s.Stderr, "forgetting", int64(len(found)))
	defer shown.End()
	items := make(chan *orphan)
	go func() {
		defer close(items)
		for _, o := range found {
			items <- o
		}
	}()
	pace.Each(items, func(o *orphan) {
		var r result
		err := paced.Do(ctx, func() (err error) {
			r, err = f.forget(ctx, o.User)
			return err
		})
		if session.IsEnd(ctx, err) {
			return
		}
		if o.Result = r; err != nil {
			o.Result, o.Detail = resultFailed, err.Error()
		}
		streak.Note(err)
		shown.Add(1)
	})
	return session.Ended(ctx)
}

// A forgets can forget one user.
type forgets interface {
	forget(ctx context.Context, user string) (result, error)
}

// forgetter asks the pool once more before it forgets a user.
type forgetter struct {
	finder    person.Finder
	forgetter forget.Forgetter
}

func (f forgetter) forget(ctx context.Context, user string) (result, error) {
	p, err := f.finder.Find(ctx, user)
	if err != nil {
		return "", err
	}
	if p.User != nil {
		return resultInPool, nil
	}
	_, err = f.forgetter.Forget(ctx, p)
	return resultForgotten, err
}

// Package backfill sweeps the pool at an operator's word: see package sweep, whose
// schedule does the same without one.
package backfill

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/progress"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/sweep"
)

// Command is the command backfill.
type Command struct {
	Stack         string  `required:"" placeholder:"NAME" help:"Name of the stack; its outputs name user pool, records and state machine."`
	Since         string  `placeholder:"TIME" help:"Leave alone who was created before, unless this stack has begun to onboard them: a duration such as 48h or 30d, or a date such as 2026-01-31 (UTC)."`
	Rate          float64 `default:"5" help:"Users a second who are looked at in Step Functions, and maybe started. It takes 10 DescribeExecution a second in the smaller Regions; Cognito takes 25 group changes a second, of which sign-ups need some."`
	DryRun        bool    `help:"Say what would be done, and do nothing."`
	JSON          bool    `name:"json" help:"Print one JSON document instead of tables."`
	ShowUsernames bool    `help:"Name users by their usernames too, which may be personal data. By default they are named by their execution, which begins with their sub."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `Every enabled user of the pool whose status is CONFIRMED or EXTERNAL_PROVIDER is compared with the record of what they were given. Started are those whom nothing has started, those whose execution stopped and cannot be redriven any more (14 days), and those for whom a step was skipped until something that is true now, such as a verified address. Users who have yet to set a password are counted as not confirmed. An execution that can be redriven is left to redrive.

The stack's own sweep does the same on a schedule, but leaves alone who was modified in the last 15 minutes. Whoever confirmed seconds ago may be started here before the trigger does it: that user is onboarded once all the same, but without the metadata of the sign-up.

It may be run at any time, twice, and while users sign up: an execution is named after its user and cause, and what the record has as done is not done again. A run that was broken off is run again. A million users take about half an hour, and those who lack something one second for five of them.`
}

// Validate implements kong's check of the flags.
func (c Command) Validate() error {
	if c.Rate <= 0 {
		return errors.New("--rate must be positive")
	}
	return nil
}

// Run starts what is missing.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	sw := sweep.Sweep{
		Users: cognitoidentityprovider.NewFromConfig(s.Config), Records: dynamodb.NewFromConfig(s.Config),
		Executions: sfn.NewFromConfig(s.Config), DryRun: c.DryRun, Now: s.Now,
		Pages: pace.New(sweep.PagesRate, 1), Each: pace.New(c.Rate, sweep.UsersBurst),
	}
	if c.Since != "" {
		var err error
		if sw.Since, err = session.ParseSince(c.Since, s.Now()); err != nil {
			return err
		}
	}
	for key, value := range map[string]*string{
		"UserPoolId": &sw.UserPoolID, "RecordTableName": &sw.RecordTable, "StateMachineAliasArn": &sw.StateMachineARN,
	} {
		var err error
		if *value, err = s.Output(ctx, c.Stack, key); err != nil {
			return err
		}
	}
	return c.run(ctx, s, &sw, estimate(ctx, cognitoidentityprovider.NewFromConfig(s.Config), sw.UserPoolID))
}

// run sweeps a pool of about so many users. It ends early only when a page cannot be
// looked at, or when ctx ends; the report has what was done until then.
func (c Command) run(ctx context.Context, s *session.Session, sw *sweep.Sweep, size int64) error {
	r := Report{DryRun: c.DryRun, Users: make([]User, 0), Summary: make(map[sweep.Verdict]int)}
	shown := progress.New(s.Stderr, "looking at users", size)
	var err error
	for token, first := "", true; err == nil && (first || token != ""); first = false {
		var users []sweep.User
		users, token, err = sw.Page(ctx, token)
		r.add(users, c.ShowUsernames)
		shown.Add(len(users))
	}
	shown.End()
	if c.JSON {
		s.PrintJSON(r)
	} else {
		r.print(s, c)
	}
	if ended := session.Ended(ctx); ended != nil {
		return ended
	}
	if err == nil && r.needsAttention() {
		return session.ErrAttention
	}
	return err
}

// describePool is the part of Cognito's API that the progress needs.
type describePool interface {
	DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error)
}

// estimate returns about how many users the pool has, or 0 if that is not to be
// had: it is for the progress bar only.
func estimate(ctx context.Context, users describePool, pool string) int64 {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := users.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &pool})
	if err != nil || out.UserPool == nil {
		return 0
	}
	return int64(out.UserPool.EstimatedNumberOfUsers)
}

// Package backfill starts the executions of confirmed users that have none.
package backfill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/progress"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/start"
)

// nameLifetime is how long Step Functions holds the name of an execution that has
// ended, and lists it.
const nameLifetime = 90 * session.Day

// usersAPI is the part of Cognito's API that the command needs.
type usersAPI interface {
	cognitoidentityprovider.ListUsersAPIClient
	DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error)
}

// executionsAPI is the part of Step Functions' API that the command needs.
type executionsAPI interface {
	start.API
	sfn.ListExecutionsAPIClient
}

// Command is the command backfill.
type Command struct {
	session.Flags

	UserPool string  `placeholder:"ID" help:"ID of the user pool."`
	Since    string  `required:"" placeholder:"TIME" help:"Look at users created since then: a duration such as 48h or 30d, or a date such as 2026-01-31 (UTC). It is the date of creation that counts: that of the sign-up, the import or AdminCreateUser, not of the confirmation. So no user is reached who may have been onboarded more than 90 days ago."`
	Force    bool    `help:"Allow --since to reach back more than 90 days."`
	Rate     float64 `default:"10" help:"Starts a second. Step Functions takes 150 or more; the default is less than half of the 25 group changes a second that Cognito takes, so that sign-ups find room."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `Every enabled user of the pool whose status is CONFIRMED or EXTERNAL_PROVIDER gets an execution, unless there is one of that name. Users who have yet to set a password (FORCE_CHANGE_PASSWORD after AdminCreateUser, RESET_REQUIRED after an import) are counted as not confirmed: a later backfill finds them.

It may be run at any time, twice, and while users sign up: an execution is named after its user, and Step Functions refuses a name twice. A run that was broken off is run again: what it did is in Step Functions, nowhere else. That second run reads the pool and the list of executions once more (a million users take about half an hour at the rates used here) and starts what is missing.

Whoever confirmed seconds ago may be started here before the trigger does it: that user is onboarded once all the same, but without the metadata of the sign-up.

An execution that failed is an execution: redrive it.`
}

// Validate implements kong's check of the flags.
func (c Command) Validate() error {
	if c.Rate <= 0 {
		return errors.New("--rate must be positive")
	}
	return nil
}

// Run starts the executions that are missing.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	return c.run(ctx, s, sfn.NewFromConfig(s.Config), cognitoidentityprovider.NewFromConfig(s.Config))
}

func (c Command) run(ctx context.Context, s *session.Session, executions executionsAPI, users usersAPI) error {
	since, err := c.since(s.Now())
	if err != nil {
		return err
	}
	machine, err := c.StateMachineARN(ctx, s)
	if err != nil {
		return err
	}
	pool, err := c.userPool(ctx, s)
	if err != nil {
		return err
	}
	// First the executions: a user who signs up later looks as if the execution
	// were missing, and the start then finds it.
	existing, err := existing(ctx, s, executions, machine, since)
	if err != nil {
		return err
	}
	alias, err := c.aliasARN(ctx, s, machine)
	if err != nil {
		return err
	}
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	b := &backfiller{
		users: users, executions: executions, pool: pool, machine: alias, since: since,
		existing: existing, dryRun: c.DryRun, showUsernames: c.ShowUsernames,
		list: pace.New(pace.ListUsersRate, pace.ListUsersBurst), start: pace.New(c.Rate, 1), streak: &pace.Streak{GiveUp: giveUp},
		shown:  progress.New(s.Stderr, "looking at users", estimate(ctx, users, pool)),
		report: Report{DryRun: c.DryRun, Users: make([]user, 0)},
	}
	err = b.run(ctx)
	b.shown.End()
	if c.JSON {
		s.PrintJSON(b.report)
	} else {
		b.report.print(s, c)
	}
	if err == nil && b.report.needsAttention() {
		return session.ErrAttention
	}
	return err
}

func (c Command) since(now time.Time) (time.Time, error) {
	since, err := session.ParseSince(c.Since, now)
	if err != nil {
		return time.Time{}, err
	}
	if since.Before(now.Add(-nameLifetime)) && !c.Force {
		return time.Time{}, fmt.Errorf("--since %s reaches back more than 90 days. Step Functions forgets an execution after 90 days: "+
			"users onboarded before that would be onboarded again, and mailed again where no delivery record prevents it. --force does it all the same", c.Since)
	}
	return since, nil
}

// aliasARN returns what executions are started with: the stack's alias, so that they
// run the version that those of the trigger do, or a state machine that was named by
// hand.
func (c Command) aliasARN(ctx context.Context, s *session.Session, machine string) (string, error) {
	if c.StateMachine != "" {
		return machine, nil
	}
	return s.Output(ctx, c.Stack, "StateMachineAliasArn")
}

func (c Command) userPool(ctx context.Context, s *session.Session) (string, error) {
	if c.UserPool != "" {
		return c.UserPool, nil
	}
	if c.Stack == "" {
		return "", errors.New("which user pool? Give --stack or --user-pool")
	}
	return s.Output(ctx, c.Stack, "UserPoolId")
}

// existing returns the names of the executions that were started since then, which
// for users created since then are all. They take about 100 bytes each.
//
// The list has the latest first, so its rest need not be read. Should a name be
// missing here for any reason, the start of that execution finds it.
func existing(ctx context.Context, s *session.Session, executions sfn.ListExecutionsAPIClient, machine string, since time.Time) (map[string]struct{}, error) {
	shown := progress.New(s.Stderr, "reading the list of executions", 0)
	defer shown.End()
	paced := pace.New(pace.ListExecutionsRate, pace.ListExecutionsBurst)
	pages := sfn.NewListExecutionsPaginator(executions, &sfn.ListExecutionsInput{StateMachineArn: &machine, MaxResults: 1000})
	names := make(map[string]struct{})
	for pages.HasMorePages() {
		page, err := pace.Next(ctx, paced, "list executions", pages.NextPage)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Executions {
			if e.StartDate != nil && e.StartDate.Before(since) {
				return names, nil
			}
			names[aws.ToString(e.Name)] = struct{}{}
		}
		shown.Add(len(page.Executions))
	}
	return names, nil
}

// estimate returns about how many users the pool has, or 0 if that is not to be
// had: it is for the progress bar only.
func estimate(ctx context.Context, users usersAPI, pool string) int64 {
	out, err := users.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &pool})
	if err != nil || out.UserPool == nil {
		return 0
	}
	return int64(out.UserPool.EstimatedNumberOfUsers)
}

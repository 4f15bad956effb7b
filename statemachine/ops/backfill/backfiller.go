package backfill

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/progress"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/start"
)

// result is what became of one user; empty if nothing was done.
type result string

const (
	resultStarted result = "started"
	resultMissing result = "would start"
	resultFailed  result = "failed"
)

// backfiller starts the executions of users that have none.
type backfiller struct {
	users                 cognitoidentityprovider.ListUsersAPIClient
	executions            start.API
	pool, machine         string
	since                 time.Time
	existing              map[string]struct{}
	dryRun, showUsernames bool
	list, start           *pace.Pace
	streak                *pace.Streak
	shown                 *progress.Progress

	mu     sync.Mutex
	report Report
}

// run goes through the pool. It ends early only when the pool cannot be read, or
// when ctx ends.
func (b *backfiller) run(ctx context.Context) error {
	missing := make(chan statemachine.Input)
	var listed error
	go func() {
		defer close(missing)
		listed = b.listUsers(ctx, missing)
	}()
	pace.Each(missing, func(in statemachine.Input) { b.onboard(ctx, in) })
	if err := session.Ended(ctx); err != nil {
		return err
	}
	return listed
}

// listUsers sends the inputs of the executions that are missing. It asks for all
// attributes, although it needs two: Cognito answers with an error when an
// attribute that was asked for is not set for every user
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html).
func (b *backfiller) listUsers(ctx context.Context, missing chan<- statemachine.Input) error {
	pages := cognitoidentityprovider.NewListUsersPaginator(b.users, &cognitoidentityprovider.ListUsersInput{
		UserPoolId: &b.pool, Limit: aws.Int32(60),
	})
	for pages.HasMorePages() {
		page, err := pace.Next(ctx, b.list, "list users", pages.NextPage)
		if err != nil {
			return err
		}
		for _, u := range page.Users {
			if in, ok := b.judge(u); ok {
				select {
				case missing <- in:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			b.shown.Add(1)
		}
	}
	return nil
}

// judge counts the user, and returns the input of the execution if it is missing.
func (b *backfiller) judge(u types.UserType) (statemachine.Input, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := &b.report.Summary
	sum.LookedAt++
	switch in := b.input(u); {
	case u.UserCreateDate != nil && u.UserCreateDate.Before(b.since):
		sum.TooOld++
	case !u.Enabled:
		sum.Disabled++
	case u.UserStatus != types.UserStatusTypeConfirmed && u.UserStatus != types.UserStatusTypeExternalProvider:
		sum.NotConfirmed++
	case b.exists(in.UserKey()):
		sum.Existing++
	default:
		return in, true
	}
	return statemachine.Input{}, false
}

func (b *backfiller) exists(name string) bool {
	_, ok := b.existing[name]
	return ok
}

// input is what the trigger would start the execution with, but for what only the
// sign-up itself knew: app client and metadata.
func (b *backfiller) input(u types.UserType) statemachine.Input {
	in := statemachine.Input{UserPoolID: b.pool, Username: aws.ToString(u.Username), Metadata: map[string]string{}}
	for _, a := range u.Attributes {
		if aws.ToString(a.Name) == "sub" {
			in.Sub = aws.ToString(a.Value)
		}
	}
	if u.UserStatus == statemachine.ExternalProvider {
		return in
	}
	return in.NamedBySub()
}

// onboard starts the execution, unless it is a dry run, and notes the result.
func (b *backfiller) onboard(ctx context.Context, in statemachine.Input) {
	if b.dryRun {
		b.note(in, resultMissing, nil)
		return
	}
	var started bool
	err := b.start.Do(ctx, func() (err error) {
		started, err = start.Execution(ctx, b.executions, b.machine, in)
		return err
	})
	switch {
	case err != nil && session.IsEnd(ctx, err):
		return
	case err != nil:
		b.note(in, resultFailed, err)
	case started:
		b.note(in, resultStarted, nil)
	default:
		b.note(in, "", nil)
	}
	b.streak.Note(err)
}

func (b *backfiller) note(in statemachine.Input, r result, err error) {
	u := user{Execution: in.UserKey(), Result: r}
	if b.showUsernames {
		u.Username = in.Username
	}
	if err != nil {
		u.Detail = strings.ReplaceAll(err.Error(), "\n", " ")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r {
	case resultStarted:
		b.report.Summary.Started++
	case resultMissing:
		b.report.Summary.WouldStart++
	case resultFailed:
		b.report.Summary.Failed++
	default: // it was started since the list was read
		b.report.Summary.Existing++
		return
	}
	b.report.Users = append(b.report.Users, u)
}

// Package sweep compares a user pool with the records of what its users have been
// given, and starts the onboarding of whoever lacks it, whatever the user's age. The
// function Sweep goes through the pool with it on a schedule, and ops backfill does
// at an operator's word.
//
// # Who is started
//
//   - A user without whom nothing has started an onboarding: invited, imported, or
//     missed while the trigger could not run.
//   - A user whose execution stopped, and cannot be redriven any more.
//   - A user for whom a step was skipped until something comes true that is true now,
//     such as that the mail address is verified.
//
// Who is disabled or not confirmed is left alone. So is a user whose execution stopped
// and can still be redriven, for 14 days: operators were alarmed, and mend the cause
// first. That somebody stopped an execution on purpose makes no difference: who is not
// to be onboarded is disabled or deleted.
//
// # Twice is once
//
// Whatever is started has a name that belongs to its cause (see
// [statemachine.Input.ExecutionName]), and a step that the record has as done is not
// done again. So two sweeps may run at once, one may be broken off anywhere, and a page
// may be looked at twice.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/start"
)

// Calls a second. Each is at most half of its quota, so that what else calls these
// APIs, sign-ups first, finds room. Cognito takes 30 ListUsers a second. Of users who
// may lack something, each takes a DescribeExecution, of which Step Functions takes
// 10 a second in the smaller Regions after a burst of 250, and then maybe an execution,
// which puts the user in a group, of which Cognito takes 25 a second
// (https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html,
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
const (
	PagesRate  = 15
	UsersRate  = 5
	UsersBurst = 100
)

// Grace is how long a sweep on a schedule leaves alone who was confirmed, or otherwise
// modified: the trigger, and the queue behind it, are at it, and know more than the
// pool does. A later sweep finds who is left.
const Grace = 15 * time.Minute

// MaxStreak is how many users in a row may fail before a page does: then it is not
// single users that fail, but a permission or a service is missing.
const MaxStreak = 10

// Verdict says what is to be done about a user, or was done.
type Verdict string

// The verdicts.
const (
	// Found: nothing had started an onboarding. It was started now.
	Found Verdict = "found"
	// Restarted: an onboarding was started again, because its execution can neither
	// go on nor be redriven, or because what a step waited for is true.
	Restarted Verdict = "restarted"
	// Unfinished: the execution runs, or it stopped and can be redriven.
	Unfinished Verdict = "unfinished"
	// Onboarded: nothing is to be done.
	Onboarded Verdict = "onboarded"
	// Disabled, NotConfirmed: the user cannot sign in.
	Disabled     Verdict = "disabled"
	NotConfirmed Verdict = "notConfirmed"
	// Recent: modified within the grace, and not onboarded yet.
	Recent Verdict = "recent"
	// TooOld: created before Since, and nothing has started an onboarding.
	TooOld Verdict = "tooOld"
	// Failed: a call failed.
	Failed Verdict = "failed"
)

// User is what became of one user.
type User struct {
	Input   statemachine.Input
	Verdict Verdict
	// Cause is why an onboarding was started again; empty for the first time.
	Cause string
	// Err is why a call failed; its text may have personal data.
	Err error
}

// Users is the part of Cognito's API that a sweep needs.
type Users interface {
	ListUsers(context.Context, *cognitoidentityprovider.ListUsersInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error)
}

// Records is the part of DynamoDB's API that a sweep needs.
type Records interface {
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
}

// Executions is the part of Step Functions' API that a sweep needs.
type Executions interface {
	start.API
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

// Pace makes a call when its turn has come, and may make it again.
type Pace interface {
	Do(ctx context.Context, call func() error) error
}

// Sweep goes through the users of a pool, page by page.
type Sweep struct {
	Users      Users
	Records    Records
	Executions Executions
	// UserPoolID, RecordTable and StateMachineARN say where: the ARN is what
	// executions are started with, an alias maybe.
	UserPoolID, RecordTable, StateMachineARN string
	// Since leaves users alone of whom there is no record and who were created before;
	// zero for none.
	Since time.Time
	// Grace is how long a user is left alone after a modification.
	Grace time.Duration
	// DryRun has verdicts say what would be done.
	DryRun bool
	// Pages and Each pace the pages of the pool, and those users who may lack something.
	Pages, Each Pace
	Now         func() time.Time
}

// pageSize is the most that ListUsers returns
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html).
const pageSize = 60

// Page looks at one page of the pool, and starts what is missing. The token is empty
// for the first page; next is the following one's, and empty after the last.
//
// An error is that of a call without which the page cannot be judged, that of ctx, or
// that of the last of MaxStreak users in a row. The users who were looked at before it
// are returned with it. The page can be looked at again.
func (s *Sweep) Page(ctx context.Context, token string) (users []User, next string, err error) {
	page, err := s.list(ctx, token)
	if err != nil {
		return nil, "", err
	}
	inputs := make([]statemachine.Input, len(page.Users))
	for i, u := range page.Users {
		inputs[i] = s.input(u)
	}
	records, err := s.records(ctx, inputs)
	if err != nil {
		return nil, "", err
	}
	streak := 0
	for i, u := range page.Users {
		user := s.judge(u, records[inputs[i].UserKey()])
		user.Input = inputs[i]
		if user.Verdict == Found || user.Verdict == Restarted {
			streak++
			if s.onboard(ctx, &user); user.Err == nil {
				streak = 0
			}
		}
		if err := ctx.Err(); err != nil {
			return users, "", fmt.Errorf("look at users: %w", err)
		}
		users = append(users, user)
		if streak == MaxStreak {
			return users, "", fmt.Errorf("%d users in a row failed, the last one: %w", streak, user.Err)
		}
	}
	return users, aws.ToString(page.PaginationToken), nil
}

// list reads a page of the pool. It asks for all attributes, because Cognito answers
// with an error when an attribute that was asked for is not set for every user (see
// pageSize).
func (s *Sweep) list(ctx context.Context, token string) (page *cognitoidentityprovider.ListUsersOutput, err error) {
	in := &cognitoidentityprovider.ListUsersInput{UserPoolId: &s.UserPoolID, Limit: aws.Int32(pageSize)}
	if token != "" {
		in.PaginationToken = &token
	}
	err = s.Pages.Do(ctx, func() (err error) {
		page, err = s.Users.ListUsers(ctx, in)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return page, nil
}

// TokenRefused reports whether Cognito refused the token of a page, as it does when the
// token is older than an hour. The rest of the call is the same for every page.
func TokenRefused(err error) bool {
	_, refused := errors.AsType[*types.InvalidParameterException](err)
	return refused
}

// input is what the trigger would start the execution with, but for what only the
// sign-up itself knew: app client and metadata.
func (s *Sweep) input(u types.UserType) statemachine.Input {
	in := statemachine.Input{
		UserPoolID: s.UserPoolID, Username: aws.ToString(u.Username), Sub: attribute(u, "sub"), Metadata: map[string]string{},
	}
	if u.UserStatus == statemachine.ExternalProvider {
		return in
	}
	return in.NamedBySub()
}

func attribute(u types.UserType, name string) string {
	for _, a := range u.Attributes {
		if aws.ToString(a.Name) == name {
			return aws.ToString(a.Value)
		}
	}
	return ""
}

// ParseSince reads a date such as 2026-01-31, the parameter SweepSince; empty is long ago.
func ParseSince(date string) (time.Time, error) {
	if date == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, date) //nolint:wrapcheck // it says all
}

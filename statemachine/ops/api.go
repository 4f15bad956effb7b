package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/start"
)

// The parts of Step Functions' API that the commands need.
type (
	describeAPI interface {
		DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	}
	redriveAPI interface {
		RedriveExecution(context.Context, *sfn.RedriveExecutionInput, ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error)
	}
	executionsAPI interface {
		start.API
		describeAPI
		redriveAPI
		sfn.ListExecutionsAPIClient
		sfn.GetExecutionHistoryAPIClient
	}
)

// usersAPI is the part of Cognito's API that the commands need.
type usersAPI interface {
	cognitoidentityprovider.ListUsersAPIClient
	DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error)
}

// poolsAPI is the part of Cognito's API that attach and detach need.
type poolsAPI interface {
	DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error)
	GetUserPoolMfaConfig(context.Context, *cognitoidentityprovider.GetUserPoolMfaConfigInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.GetUserPoolMfaConfigOutput, error)
	SetUserPoolMfaConfig(context.Context, *cognitoidentityprovider.SetUserPoolMfaConfigInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.SetUserPoolMfaConfigOutput, error)
	UpdateUserPool(context.Context, *cognitoidentityprovider.UpdateUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.UpdateUserPoolOutput, error)
}

// permissionsAPI is the part of Lambda's API that attach and detach need.
type permissionsAPI interface {
	AddPermission(context.Context, *lambda.AddPermissionInput, ...func(*lambda.Options)) (*lambda.AddPermissionOutput, error)
	GetPolicy(context.Context, *lambda.GetPolicyInput, ...func(*lambda.Options)) (*lambda.GetPolicyOutput, error)
	RemovePermission(context.Context, *lambda.RemovePermissionInput, ...func(*lambda.Options)) (*lambda.RemovePermissionOutput, error)
}

// maxStreak is how many calls may fail in a row before a command gives up: then it
// is not single executions that fail, but a permission or a service is missing.
const maxStreak = 20

// streak counts failures in a row, and gives up when there are too many.
type streak struct {
	giveUp context.CancelCauseFunc

	mu sync.Mutex
	n  int
}

// note takes the outcome of one call.
func (s *streak) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.n = 0
		return
	}
	if s.n++; s.n == maxStreak {
		s.giveUp(fmt.Errorf("gave up after %d failures in a row, the last one: %w", maxStreak, err))
	}
}

// ended returns why the context ended, nil if it has not.
func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("broken off: %w", context.Cause(ctx))
}

// isEnd reports whether a call failed only because its context ended.
func isEnd(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, ctx.Err()))
}

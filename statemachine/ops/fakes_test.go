package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go"
)

const (
	machineARN = "arn:aws:states:us-east-1:123456789012:stateMachine:onboarding"
	poolID     = "us-east-1_Example01"
)

// now is the time at which the unit tests run.
var now = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

type (
	startFunc    func(*sfn.StartExecutionInput) error
	redriveFunc  func(*sfn.RedriveExecutionInput) error
	describeFunc func(*sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error)
	historyFunc  func(*sfn.GetExecutionHistoryInput) (*sfn.GetExecutionHistoryOutput, error)
	listFunc     func(*sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error)
	usersFunc    func(*cognitoidentityprovider.ListUsersInput) (*cognitoidentityprovider.ListUsersOutput, error)
)

func (f startFunc) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return &sfn.StartExecutionOutput{}, f(in)
}

func (f redriveFunc) RedriveExecution(_ context.Context, in *sfn.RedriveExecutionInput, _ ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error) {
	return &sfn.RedriveExecutionOutput{}, f(in)
}

func (f describeFunc) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	return f(in)
}

func (f historyFunc) GetExecutionHistory(_ context.Context, in *sfn.GetExecutionHistoryInput, _ ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error) {
	return f(in)
}

func (f listFunc) ListExecutions(_ context.Context, in *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	return f(in)
}

func (f usersFunc) ListUsers(_ context.Context, in *cognitoidentityprovider.ListUsersInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error) {
	return f(in)
}

// DescribeUserPool fails: the number of users is for the progress bar only.
func (usersFunc) DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error) {
	return nil, apiError("AccessDeniedException")
}

// stepFunctions is made of those calls that a test expects.
type stepFunctions struct {
	startFunc
	redriveFunc
	describeFunc
	historyFunc
	listFunc
}

func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "planted"} }

// testSession is a session that prints into buffers.
type testSession struct {
	*session
	out, err bytes.Buffer
}

func newTestSession(t *testing.T, executions executionsAPI, users usersAPI) *testSession {
	t.Helper()
	s := new(testSession)
	s.session = &session{executions: executions, users: users, stdout: &s.out, stderr: &s.err, now: func() time.Time { return now }}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("stdout:\n%s\nstderr:\n%s", &s.out, &s.err)
		}
	})
	return s
}

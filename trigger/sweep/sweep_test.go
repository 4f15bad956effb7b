package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"golang.org/x/time/rate"

	"example.com/onboarding/statemachine/dev/metricstest"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/sweep"
)

type (
	listFunc  func(token string) (*cognitoidentityprovider.ListUsersOutput, error)
	startFunc func(*sfn.StartExecutionInput) error
	noRecords struct{}
)

func (f listFunc) ListUsers(_ context.Context, in *cognitoidentityprovider.ListUsersInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error) {
	return f(aws.ToString(in.PaginationToken))
}

func (f startFunc) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return &sfn.StartExecutionOutput{}, f(in)
}

func (startFunc) DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	return nil, &sfntypes.ExecutionDoesNotExist{}
}

func (noRecords) BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return &dynamodb.BatchGetItemOutput{}, nil
}

// pages is a pool of four pages with a user each; the last page has a token of "3".
func pages(token string) (*cognitoidentityprovider.ListUsersOutput, error) {
	n := 0
	fmt.Sscan(token, &n) //nolint:errcheck // ours, or empty
	out := &cognitoidentityprovider.ListUsersOutput{Users: []types.UserType{{
		Username: aws.String(fmt.Sprintf("jane%d@example.com", n)), Enabled: true, UserStatus: types.UserStatusTypeConfirmed,
	}}}
	if n < 3 {
		out.PaginationToken = aws.String(fmt.Sprint(n + 1)) //nolint:perfsprint // a test
	}
	return out, nil
}

// newFunction returns the function for a pool, on a clock that goes on by a step with
// each look, and what it logs.
func newFunction(list listFunc, start startFunc, step time.Duration) (*Function, *bytes.Buffer) {
	now, logged := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC), new(bytes.Buffer)
	clock := func() time.Time { now = now.Add(step); return now }
	fast := pace{rate.NewLimiter(rate.Inf, 1)}
	return &Function{
		Sweep:   sweep.Sweep{Users: list, Records: noRecords{}, Executions: start, UserPoolID: "p_1", Pages: fast, Each: fast, Now: clock},
		Log:     slog.New(slog.NewJSONHandler(logged, nil)),
		Metrics: metrics.Stack{Name: "onboarding", Now: clock},
	}, logged
}

func started(*sfn.StartExecutionInput) error { return nil }

func TestSweepGoesOnWhereItWas(t *testing.T) {
	f, logged := newFunction(pages, started, budget/5) // two looks a page
	p, invocations := Place{}, 0
	for {
		var err error
		if p, err = f.Handle(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if invocations++; p.Token == "" || invocations > 9 {
			break
		}
	}
	if want := map[sweep.Verdict]int{sweep.Found: 4}; !maps.Equal(p.Counts, want) || invocations != 2 {
		t.Errorf("%d invocations counted %v, want 2, %v", invocations, p.Counts, want)
	}
	found := 0.0
	for line := range strings.Lines(logged.String()) {
		values, err := metricstest.Read(line)
		if err != nil {
			t.Errorf("line %s: %v", line, err)
		}
		for _, v := range values {
			if v.Name == "UsersFound" && v.Dimensions["Stack"] == "onboarding" {
				found += v.Value
			}
		}
	}
	if found != 4 || strings.Contains(logged.String(), "jane") {
		t.Errorf("%v users in the metric, want 4, and no username in\n%s", found, logged)
	}
}

func TestRefusedTokenBeginsFromTheFront(t *testing.T) {
	refused := 0
	list := func(token string) (*cognitoidentityprovider.ListUsersOutput, error) {
		if token == "old" {
			refused++
			return nil, &types.InvalidParameterException{}
		}
		return pages(token)
	}
	f, _ := newFunction(list, started, 0)
	p, err := f.Handle(t.Context(), Place{Token: "old", Counts: map[sweep.Verdict]int{sweep.Onboarded: 7}})
	if want := map[sweep.Verdict]int{sweep.Found: 4}; err != nil || !maps.Equal(p.Counts, want) || p.FromFront != 1 {
		t.Errorf("%+v, %v; want %v", p, err, want)
	}
	if _, err := f.Handle(t.Context(), Place{Token: "old", FromFront: maxFromFront}); err == nil || refused != 2 {
		t.Errorf("error %v after beginning %d times", err, maxFromFront)
	}
}

// TestAPageThatFailsIsTheNextInvocations fails a page, at first and after another one.
func TestAPageThatFailsIsTheNextInvocations(t *testing.T) {
	list := func(token string) (*cognitoidentityprovider.ListUsersOutput, error) {
		if token == "1" {
			return nil, &smithy.OperationError{ServiceID: "Cognito", OperationName: "ListUsers", Err: &smithy.GenericAPIError{Code: "Down", Message: "jane"}}
		}
		return pages(token)
	}
	f, logged := newFunction(list, started, 0)
	p, err := f.Handle(t.Context(), Place{})
	if err != nil || p.Token != "1" || p.Counts[sweep.Found] != 1 {
		t.Fatalf("%+v, %v; want the second page's token", p, err)
	}
	if _, err := f.Handle(t.Context(), p); err == nil || err.Error() != "Cognito ListUsers: Down" {
		t.Errorf("error %v", err)
	}
	if strings.Contains(logged.String(), "jane") {
		t.Errorf("a name in the log:\n%s", logged)
	}
}

func TestUserWhoFailsIsCountedAndNamed(t *testing.T) {
	f, logged := newFunction(pages, func(*sfn.StartExecutionInput) error { return &sfntypes.InvalidName{Message: aws.String("jane")} }, 0)
	p, err := f.Handle(t.Context(), Place{})
	if err != nil || p.Counts[sweep.Failed] != 4 {
		t.Errorf("%+v, %v; want 4 failed", p, err)
	}
	if strings.Count(logged.String(), `"message":"user failed"`)+strings.Count(logged.String(), `"msg":"user failed"`) != 4 ||
		strings.Contains(logged.String(), "jane") || !strings.Contains(logged.String(), "InvalidName") {
		t.Errorf("log\n%s", logged)
	}
}

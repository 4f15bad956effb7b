package backfill

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// subOf returns a sub for a number.
func subOf(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// confirmed returns a user who was created some days ago and is confirmed.
func confirmed(n, days int) types.UserType {
	return types.UserType{
		Username: aws.String(fmt.Sprintf("jane%d@example.com", n)), Enabled: true, UserStatus: types.UserStatusTypeConfirmed,
		UserCreateDate: aws.Time(opstest.Now.AddDate(0, 0, -days)), UserLastModifiedDate: aws.Time(opstest.Now),
		Attributes: []types.AttributeType{{Name: aws.String("sub"), Value: aws.String(subOf(n))}},
	}
}

// starts keeps what was started.
type starts struct {
	mu   sync.Mutex
	in   []*sfn.StartExecutionInput
	fail func(name string) error
}

func (s *starts) start(in *sfn.StartExecutionInput) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(*in.Name); err != nil {
			return err
		}
	}
	s.in = append(s.in, in)
	return nil
}

func (s *starts) names() []string {
	var names []string
	for _, in := range s.in {
		names = append(names, *in.Name)
	}
	slices.Sort(names)
	return names
}

// backfill runs the command over a pool, in pages of two, and a list of executions
// of which the last is from before --since.
func backfill(t *testing.T, s *starts, c Command, users []types.UserType, existing ...string) (Report, error) {
	t.Helper()
	pool := usersFunc(func(in *cognitoidentityprovider.ListUsersInput) (*cognitoidentityprovider.ListUsersOutput, error) {
		if in.AttributesToGet != nil {
			return nil, opstest.APIError("InvalidParameterException")
		}
		from := 0
		fmt.Sscan(aws.ToString(in.PaginationToken), &from) //nolint:errcheck // empty at first
		page := users[from:min(from+2, len(users))]
		out := &cognitoidentityprovider.ListUsersOutput{Users: page}
		if from+2 < len(users) {
			out.PaginationToken = aws.String(fmt.Sprint(from + 2)) //nolint:perfsprint // a test
		}
		return out, nil
	})
	list := listFunc(func(in *sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
		if in.NextToken != nil {
			t.Error("the list was read beyond --since")
		}
		out := &sfn.ListExecutionsOutput{NextToken: aws.String("older")}
		for _, name := range existing {
			out.Executions = append(out.Executions, sfntypes.ExecutionListItem{Name: aws.String(name), StartDate: &opstest.Now})
		}
		out.Executions = append(out.Executions, sfntypes.ExecutionListItem{Name: aws.String("old"), StartDate: aws.Time(opstest.Now.AddDate(-1, 0, 0))})
		return out, nil
	})
	c.StateMachine, c.UserPool, c.JSON, c.Rate = opstest.MachineARN, opstest.PoolID, true, 1000
	c.Since = cmp.Or(c.Since, "30d")
	printed := opstest.NewSession(t)
	err := c.run(t.Context(), printed.Session, stepFunctions{startFunc: s.start, listFunc: list}, pool)
	var r Report
	if json.Unmarshal(printed.Out.Bytes(), &r) != nil && err == nil {
		t.Errorf("no JSON: %s", &printed.Out)
	}
	if !c.ShowUsernames && strings.Contains(printed.Out.String()+printed.Err.String(), "jane") {
		t.Error("a username is shown")
	}
	return r, err
}

type (
	startFunc func(*sfn.StartExecutionInput) error
	listFunc  func(*sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error)
	usersFunc func(*cognitoidentityprovider.ListUsersInput) (*cognitoidentityprovider.ListUsersOutput, error)
)

func (f startFunc) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return &sfn.StartExecutionOutput{}, f(in)
}

func (f listFunc) ListExecutions(_ context.Context, in *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	return f(in)
}

func (f usersFunc) ListUsers(_ context.Context, in *cognitoidentityprovider.ListUsersInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error) {
	return f(in)
}

// DescribeUserPool fails: the number of users is for the progress bar only.
func (usersFunc) DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error) {
	return nil, opstest.APIError("AccessDeniedException")
}

// stepFunctions is made of those calls that a test expects.
type stepFunctions struct {
	startFunc
	listFunc
}

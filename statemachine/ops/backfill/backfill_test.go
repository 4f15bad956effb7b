package backfill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/sweep"
)

type (
	usersFunc func(token string) *cognitoidentityprovider.ListUsersOutput
	startFunc func(name string) error
	noRecords struct{}
)

func (f usersFunc) ListUsers(ctx context.Context, in *cognitoidentityprovider.ListUsersInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error) {
	return f(aws.ToString(in.PaginationToken)), ctx.Err()
}

func (f startFunc) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return &sfn.StartExecutionOutput{}, f(*in.Name)
}

func (startFunc) DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	return nil, &sfntypes.ExecutionDoesNotExist{}
}

func (noRecords) BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return &dynamodb.BatchGetItemOutput{}, nil
}

// subOf returns a sub for a number.
func subOf(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// pool has a page for each of four users, federated ones, who are named by their
// usernames. The third is disabled. All were
// modified this moment.
func pool(token string) *cognitoidentityprovider.ListUsersOutput {
	n := 0
	fmt.Sscan(token, &n) //nolint:errcheck // empty at first
	out := &cognitoidentityprovider.ListUsersOutput{Users: []types.UserType{{
		Username: aws.String(fmt.Sprintf("jane%d", n)), Enabled: n != 2, UserStatus: types.UserStatusTypeExternalProvider,
		UserLastModifiedDate: &opstest.Now, Attributes: []types.AttributeType{{Name: aws.String("sub"), Value: aws.String(subOf(n))}},
	}}}
	if n < 3 {
		out.PaginationToken = aws.String(fmt.Sprint(n + 1)) //nolint:perfsprint // a test
	}
	return out
}

// backfill runs the command over the pool, and returns what was started.
func backfill(ctx context.Context, t *testing.T, c Command, fail startFunc) (r Report, started []string, err error) {
	t.Helper()
	printed := opstest.NewSession(t)
	c.JSON = true
	err = c.run(ctx, printed.Session, &sweep.Sweep{
		Users: usersFunc(pool), Records: noRecords{},
		Executions: startFunc(func(name string) error {
			err := fail(name)
			if err == nil {
				started = append(started, name)
			}
			return err
		}),
		UserPoolID: opstest.PoolID, StateMachineARN: opstest.MachineARN, DryRun: c.DryRun, Now: printed.Now,
		Pages: pace.New(1000, 1), Each: pace.New(1000, 1),
	}, 0)
	if jsonErr := json.Unmarshal(printed.Out.Bytes(), &r); jsonErr != nil {
		t.Errorf("%v: %s", jsonErr, &printed.Out)
	}
	if strings.Contains(printed.Out.String()+printed.Err.String(), "jane") != (c.ShowUsernames && len(r.Users) > 0) {
		t.Errorf("usernames are wanted: %t\n%s", c.ShowUsernames, &printed.Out)
	}
	return r, started, err
}

func never(string) error { return nil }

func TestAllPagesAreSwept(t *testing.T) {
	for _, showUsernames := range []bool{false, true} {
		r, started, err := backfill(t.Context(), t, Command{ShowUsernames: showUsernames}, never)
		if want := []string{subOf(0), subOf(1), subOf(3)}; err != nil || !slices.Equal(started, want) {
			t.Errorf("started %v, %v; want %v", started, err, want)
		}
		if want := map[sweep.Verdict]int{sweep.Found: 3, sweep.Disabled: 1}; !maps.Equal(r.Summary, want) || len(r.Users) != 3 {
			t.Errorf("report %+v, want %v", r, want)
		}
	}
}

func TestDryRunAsksForAttention(t *testing.T) {
	r, started, err := backfill(t.Context(), t, Command{DryRun: true}, never)
	if !errors.Is(err, session.ErrAttention) || len(started) > 0 || r.Summary[sweep.Found] != 3 {
		t.Errorf("started %v, report %+v, error %v", started, r, err)
	}
}

func TestFailuresAreListedAndThrottlesAreNone(t *testing.T) {
	throttled := false
	r, started, err := backfill(t.Context(), t, Command{}, func(name string) error {
		switch {
		case name == subOf(1):
			return opstest.APIError("InvalidExecutionInput")
		case name == subOf(3) && !throttled:
			throttled = true
			return opstest.APIError("ThrottlingException")
		}
		return nil
	})
	if !errors.Is(err, session.ErrAttention) || len(started) != 2 || r.Summary[sweep.Failed] != 1 || !strings.Contains(r.Users[1].Detail, "InvalidExecutionInput") {
		t.Errorf("started %v, report %+v, error %v", started, r, err)
	}
}

func TestInterruptionReportsWhatWasDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, started, err := backfill(ctx, t, Command{}, func(name string) error {
		if name == subOf(1) {
			cancel()
			return ctx.Err()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(started) != 1 || r.Summary[sweep.Found] != 1 || r.Summary[sweep.Failed] != 0 {
		t.Errorf("started %v, report %+v, error %v", started, r, err)
	}
}

func TestTableSaysWhatWouldBeDone(t *testing.T) {
	printed := opstest.NewSession(t)
	r := Report{DryRun: true, Summary: map[sweep.Verdict]int{sweep.Restarted: 1}, Users: []User{{Execution: "name", Verdict: sweep.Restarted, Cause: "name stopped"}}}
	r.print(printed.Session, Command{})
	if out := printed.Out.String(); !strings.Contains(out, "would be started again") || !strings.Contains(out, "name stopped") {
		t.Error(out)
	}
}

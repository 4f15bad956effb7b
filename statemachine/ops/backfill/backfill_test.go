package backfill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/progress"
	"example.com/onboarding/statemachine/ops/internal/session"
)

func TestMissingExecutionsAreStarted(t *testing.T) {
	users := make([]types.UserType, 9)
	for i := range users {
		users[i] = confirmed(i, 10)
	}
	users[1].UserStatus = types.UserStatusTypeUnconfirmed
	users[2].Enabled = false
	users[3].UserStatus = types.UserStatusTypeExternalProvider
	users[4].UserStatus = types.UserStatusTypeForceChangePassword
	users[5].UserCreateDate = aws.Time(opstest.Now.AddDate(0, 0, -31)) // modified now
	var s starts
	r, err := backfill(t, &s, Command{}, users, subOf(6))
	if want := []string{subOf(0), subOf(3), subOf(7), subOf(8)}; err != nil || !slices.Equal(s.names(), want) {
		t.Errorf("started %v, %v; want %v", s.names(), err, want)
	}
	want := Report{}.Summary
	want.LookedAt, want.TooOld, want.Disabled, want.NotConfirmed, want.Existing, want.Started = 9, 1, 1, 2, 1, 4
	if r.Summary != want {
		t.Errorf("summary %+v, want %+v", r.Summary, want)
	}
}

func TestInputIsTheTriggers(t *testing.T) {
	linked, federated := confirmed(1, 1), confirmed(2, 1)
	linked.Attributes = append(linked.Attributes, types.AttributeType{Name: aws.String("identities"), Value: aws.String("[{}]")})
	federated.UserStatus = types.UserStatusTypeExternalProvider
	var s starts
	if _, err := backfill(t, &s, Command{}, []types.UserType{linked, federated}); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(s.in, func(a, b *sfn.StartExecutionInput) int { return strings.Compare(*a.Name, *b.Name) })
	for i, username := range []string{subOf(1), "jane2@example.com"} {
		want := fmt.Sprintf(`{"userPoolId":%q,"username":%q,"sub":%q,"clientId":"","metadata":{}}`, opstest.PoolID, username, subOf(i+1))
		if got := *s.in[i].Input; got != want {
			t.Errorf("input %s, want %s", got, want)
		}
	}
}

func TestDryRunStartsNothing(t *testing.T) {
	var s starts
	r, err := backfill(t, &s, Command{Flags: session.Flags{DryRun: true}}, []types.UserType{confirmed(1, 1), confirmed(2, 1)}, subOf(1))
	if !errors.Is(err, session.ErrAttention) || len(s.in) > 0 || r.Summary.WouldStart != 1 || len(r.Users) != 1 || r.Users[0].Execution != subOf(2) {
		t.Errorf("%d starts, report %+v, error %v", len(s.in), r, err)
	}
}

func TestUserWhoSignsUpMeanwhileIsNotDoubled(t *testing.T) {
	s := starts{fail: func(string) error { return &sfntypes.ExecutionAlreadyExists{} }}
	r, err := backfill(t, &s, Command{}, []types.UserType{confirmed(1, 0)})
	if err != nil || r.Summary.Existing != 1 || r.Summary.Started+r.Summary.Failed != 0 {
		t.Errorf("summary %+v, error %v; want one already onboarded", r.Summary, err)
	}
}

func TestFailedStartsAreCounted(t *testing.T) {
	s := starts{fail: func(name string) error {
		if name == subOf(2) {
			return opstest.APIError("InternalServerException")
		}
		return nil
	}}
	r, err := backfill(t, &s, Command{}, []types.UserType{confirmed(1, 1), confirmed(2, 1), confirmed(3, 1)})
	if !errors.Is(err, session.ErrAttention) || r.Summary.Started != 2 || r.Summary.Failed != 1 {
		t.Errorf("summary %+v, error %v; want 2 started, 1 failed", r.Summary, err)
	}
}

func TestThrottledStartsAreNotLost(t *testing.T) {
	throttled := make(map[string]bool)
	s := starts{fail: func(name string) error {
		if !throttled[name] {
			throttled[name] = true
			return opstest.APIError("ThrottlingException")
		}
		return nil
	}}
	r, err := backfill(t, &s, Command{}, []types.UserType{confirmed(1, 1), confirmed(2, 1)})
	if err != nil || r.Summary.Started != 2 {
		t.Errorf("summary %+v, error %v; want 2 started", r.Summary, err)
	}
}

func TestForceReachesBackFurther(t *testing.T) {
	for _, test := range []struct {
		since string
		force bool
		ok    bool
	}{{"90d", false, true}, {"91d", false, false}, {"91d", true, true}} {
		c := Command{Since: test.since, Force: test.force}
		if _, err := c.since(opstest.Now); (err == nil) != test.ok {
			t.Errorf("--since %s, force %t: %v", test.since, test.force, err)
		}
	}
}

func TestInterruptionIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := &backfiller{
		executions: startFunc(func(*sfn.StartExecutionInput) error { cancel(); return ctx.Err() }),
		users: usersFunc(func(*cognitoidentityprovider.ListUsersInput) (*cognitoidentityprovider.ListUsersOutput, error) {
			return &cognitoidentityprovider.ListUsersOutput{Users: []types.UserType{confirmed(1, 1), confirmed(2, 1)}}, nil
		}),
		since: opstest.Now.Add(-100 * time.Hour), list: pace.New(1000, 1), start: pace.New(1000, 1), streak: new(pace.Streak), shown: progress.New(t.Output(), "", 0),
	}
	if err := b.run(ctx); !errors.Is(err, context.Canceled) || b.report.Summary.Failed > 0 {
		t.Errorf("error %v, summary %+v", err, b.report.Summary)
	}
}

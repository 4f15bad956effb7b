package orphans

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/record"
)

func id(n int) string { return fmt.Sprintf("3f2a7c1e-5b8d-4e6f-9a0b-%012d", n) }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func profile(sub, pool string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"sub": text(sub), "userPoolId": text(pool)}
}

// tables gives a page for each item.
type tables map[string][]map[string]types.AttributeValue

func (f tables) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	items := f[*in.TableName]
	i := 0
	if in.ExclusiveStartKey != nil {
		i = 1
	}
	out := &dynamodb.ScanOutput{Items: items[i : i+1]}
	if i == 0 && len(items) > 1 {
		out.Items, out.LastEvaluatedKey = items[:1], items[0]
	} else if i == 1 {
		out.Items = items[1:]
	}
	return out, nil
}

type listFunc func() ([]cognitotypes.UserType, error)

func (f listFunc) ListUsers(context.Context, *cognito.ListUsersInput, ...func(*cognito.Options)) (*cognito.ListUsersOutput, error) {
	users, err := f()
	return &cognito.ListUsersOutput{Users: users}, err
}

func TestOnlyUsersWhoAreGoneAreOrphans(t *testing.T) {
	standIn := statemachine.Input{UserPoolID: opstest.PoolID, Username: "here"}.UserKey()
	found := tables{
		"profiles": {profile(id(1), opstest.PoolID), profile(id(2), opstest.PoolID), profile(id(3), "us-east-1_Other"), profile("the app's own", opstest.PoolID), {"sub": text(id(6))}},
		"records":  {record.KeyOf(id(1)), record.KeyOf(id(2)), record.KeyOf(id(3)), record.KeyOf(id(4)), record.KeyOf(standIn), {record.KeyName: text(id(5))}},
	}
	users := listFunc(func() ([]cognitotypes.UserType, error) {
		return []cognitotypes.UserType{{Username: aws.String("here"), Attributes: []cognitotypes.AttributeType{{Name: aws.String("sub"), Value: aws.String(id(1))}}}}, nil
	})
	k := person.Stack{Pool: opstest.PoolID, Profiles: "profiles", Records: "records"}
	got, err := find(t.Context(), found, users, k, func(int) {})
	var named []string
	for _, o := range got {
		named = append(named, fmt.Sprintf("%s profile %t, record %t", o.User, o.HasProfile, o.HasRecord))
	}
	want := []string{id(2) + " profile true, record true", id(4) + " profile false, record true", id(6) + " profile true, record false"}
	if err != nil || !slices.Equal(named, want) {
		t.Errorf("%q, %v; want %q", named, err, want)
	}
	broken := listFunc(func() ([]cognitotypes.UserType, error) { return nil, opstest.APIError("AccessDeniedException") })
	if got, err := find(t.Context(), found, broken, k, func(int) {}); err == nil {
		t.Errorf("with a pool that cannot be read: %v", got)
	}
}

type forgetFunc func(user string) (result, error)

func (f forgetFunc) forget(_ context.Context, user string) (result, error) { return f(user) }

func TestOneFailureStopsNoOther(t *testing.T) {
	found := []*orphan{{User: id(1)}, {User: id(2)}, {User: id(3)}}
	err := Command{Rate: 1000}.forgetAll(t.Context(), opstest.NewSession(t).Session, forgetFunc(func(user string) (result, error) {
		return map[string]result{id(1): resultInPool, id(3): resultForgotten}[user], map[string]error{id(2): errors.New("planted")}[user]
	}), found)
	r := Report{Orphans: found}
	r.count()
	if sum := r.Summary; err != nil || sum.InPool != 1 || sum.Forgotten != 1 || sum.Failed != 1 || sum.Left != 1 {
		t.Errorf("%+v, %v", r.Summary, err)
	}
}

func TestManyFailuresInARowEndIt(t *testing.T) {
	var found []*orphan
	for i := range 200 {
		found = append(found, &orphan{User: id(i)})
	}
	var mu sync.Mutex
	calls := 0
	err := Command{Rate: 10000}.forgetAll(t.Context(), opstest.NewSession(t).Session, forgetFunc(func(string) (result, error) {
		mu.Lock()
		defer mu.Unlock()
		calls++
		return "", opstest.APIError("AccessDeniedException")
	}), found)
	if err == nil || !strings.Contains(err.Error(), "AccessDenied") || calls > pace.MaxStreak+pace.Workers {
		t.Errorf("%d calls, %v", calls, err)
	}
}

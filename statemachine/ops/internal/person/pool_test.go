package person

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

const sub = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"

// fakePool finds users by their usernames, and by the filters.
type fakePool struct {
	byName   map[string]types.UserType
	byFilter map[string][]types.UserType
	err      error
}

func (f fakePool) AdminGetUser(_ context.Context, in *cognito.AdminGetUserInput, _ ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	u, found := f.byName[*in.Username]
	if !found {
		return nil, &types.UserNotFoundException{}
	}
	return &cognito.AdminGetUserOutput{Username: u.Username, UserStatus: u.UserStatus, Enabled: u.Enabled, UserAttributes: u.Attributes}, nil
}

func (f fakePool) ListUsers(_ context.Context, in *cognito.ListUsersInput, _ ...func(*cognito.Options)) (*cognito.ListUsersOutput, error) {
	users, expected := f.byFilter[*in.Filter]
	if !expected {
		return nil, errors.New("unexpected filter " + *in.Filter)
	}
	return &cognito.ListUsersOutput{Users: users}, nil
}

func (fakePool) AdminListGroupsForUser(context.Context, *cognito.AdminListGroupsForUserInput, ...func(*cognito.Options)) (*cognito.AdminListGroupsForUserOutput, error) {
	return &cognito.AdminListGroupsForUserOutput{Groups: []types.GroupType{{GroupName: aws.String("members")}}}, nil
}

func poolUser(username, sub string) types.UserType {
	return types.UserType{Username: &username, UserStatus: types.UserStatusTypeConfirmed, Enabled: true, Attributes: []types.AttributeType{
		{Name: aws.String("sub"), Value: &sub},
		{Name: aws.String("email"), Value: aws.String("jane@example.com")},
		{Name: aws.String("email_verified"), Value: aws.String("true")},
	}}
}

func TestUserIsFoundByWhateverNamesHer(t *testing.T) {
	jane := poolUser("Google_1234", sub)
	pool := fakePool{
		byName: map[string]types.UserType{"Google_1234": jane},
		byFilter: map[string][]types.UserType{
			`sub = "` + sub + `"`:                    {jane},
			`email = "jane@example.com"`:             {jane},
			`email = "\"\\\" or name ^= \"@example"`: nil,
			`email = "two@example.com"`:              {jane, poolUser("two", "4f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b")},
		},
	}
	for _, name := range []string{"Google_1234", sub, "jane@example.com"} {
		u, err := find(t.Context(), pool, opstest.PoolID, name)
		if err != nil || u == nil || u.Sub != sub || u.Email != "jane@example.com" || !u.Verified || !u.Confirmed() {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
	for _, name := range []string{"nobody", `"\" or name ^= "@example`} {
		if u, err := find(t.Context(), pool, opstest.PoolID, name); u != nil || err != nil {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
	_, err := find(t.Context(), pool, opstest.PoolID, "two@example.com")
	if err == nil || !strings.Contains(err.Error(), sub) || strings.Contains(err.Error(), "@") {
		t.Errorf("two users with an address: %v", err)
	}
}

func TestErrorsDoNotQuoteWhatWasLookedFor(t *testing.T) {
	pool := fakePool{err: &types.InvalidParameterException{Message: aws.String("Value 'jane@example.com' at 'username'")}}
	if _, err := find(t.Context(), pool, opstest.PoolID, "jane@example.com"); err == nil || strings.Contains(err.Error(), "jane") || !strings.Contains(err.Error(), "InvalidParameterException") {
		t.Errorf("error %v", err)
	}
}

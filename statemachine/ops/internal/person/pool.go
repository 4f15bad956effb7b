package person

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/start"
)

// UsersAPI is the part of Cognito's API that finds a user.
type UsersAPI interface {
	AdminGetUser(context.Context, *cognito.AdminGetUserInput, ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error)
	AdminListGroupsForUser(context.Context, *cognito.AdminListGroupsForUserInput, ...func(*cognito.Options)) (*cognito.AdminListGroupsForUserOutput, error)
	cognito.ListUsersAPIClient
}

// User is a user as the pool has it.
type User struct {
	Username, Sub string
	Email         string
	Verified      bool
	Enabled       bool
	Status        types.UserStatusType
	Created       time.Time
	Groups        []string
}

// federated reports whether the user signs in at an identity provider only.
func (u *User) federated() bool { return u.Status == types.UserStatusTypeExternalProvider }

// Confirmed reports whether the user may sign in, so that the onboarding has begun or
// is to begin.
func (u *User) Confirmed() bool {
	return u.Status == types.UserStatusTypeConfirmed || u.federated()
}

// input is what the trigger would start the user's execution with, but for what only
// the sign-up itself knew: app client and metadata.
func (u *User) input(pool string) statemachine.Input {
	in := statemachine.Input{UserPoolID: pool, Username: u.Username, Sub: u.Sub, Metadata: map[string]string{}}
	if !u.federated() { // Cognito finds a local user by the sub, too
		in.Username = u.Sub
	}
	return in
}

// find returns the user of that sub, mail address or username; nil if the pool has
// none. AdminGetUser takes the sub of a local user, and an address only where it is an
// alias or the username; hence the search. An error never quotes what was looked for.
func find(ctx context.Context, api UsersAPI, pool, name string) (*User, error) {
	out, err := api.AdminGetUser(ctx, &cognito.AdminGetUserInput{UserPoolId: &pool, Username: &name})
	if err == nil {
		return newUser(out.Username, out.UserStatus, out.Enabled, out.UserCreateDate, out.UserAttributes), nil
	}
	if _, none := errors.AsType[*types.UserNotFoundException](err); !none {
		return nil, fmt.Errorf("get the user: %s", start.ErrorCode(err))
	}
	attribute := "sub"
	if strings.Contains(name, "@") {
		attribute = "email"
	} else if !IsKey(name) {
		return nil, nil //nolint:nilnil // no user is no error
	}
	return search(ctx, api, pool, attribute, name)
}

func search(ctx context.Context, api UsersAPI, pool, attribute, value string) (*User, error) {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
	pages := cognito.NewListUsersPaginator(api, &cognito.ListUsersInput{
		UserPoolId: &pool, Filter: aws.String(attribute + ` = "` + quoted + `"`),
	})
	var found []*User
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list users: %s", start.ErrorCode(err))
		}
		for _, u := range page.Users {
			found = append(found, newUser(u.Username, u.UserStatus, u.Enabled, u.UserCreateDate, u.Attributes))
		}
	}
	switch len(found) {
	case 0:
		return nil, nil //nolint:nilnil // no user is no error
	case 1:
		return found[0], nil
	}
	subs := make([]string, len(found))
	for i, u := range found {
		subs[i] = u.Sub
	}
	return nil, fmt.Errorf("%d users have this address; name one by the sub: %s", len(found), strings.Join(subs, ", "))
}

func newUser(name *string, status types.UserStatusType, enabled bool, created *time.Time, attributes []types.AttributeType) *User {
	u := &User{Username: aws.ToString(name), Status: status, Enabled: enabled, Created: aws.ToTime(created)}
	for _, a := range attributes {
		switch value := aws.ToString(a.Value); aws.ToString(a.Name) {
		case "sub":
			u.Sub = value
		case "email":
			u.Email = value
		case "email_verified":
			u.Verified = value == "true"
		}
	}
	return u
}

// groups reads the groups that the user is in.
func (u *User) groups(ctx context.Context, api UsersAPI, pool string) error {
	u.Groups = make([]string, 0)
	pages := cognito.NewAdminListGroupsForUserPaginator(api, &cognito.AdminListGroupsForUserInput{UserPoolId: &pool, Username: &u.Username})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the user's groups: %s", start.ErrorCode(err))
		}
		for _, g := range page.Groups {
			u.Groups = append(u.Groups, aws.ToString(g.GroupName))
		}
	}
	return nil
}

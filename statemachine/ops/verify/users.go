package verify

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// mark begins the label of the users' addresses, and the names of the app clients: by it
// a run finds what a former one that was killed has left.
const mark = "ops-verify-"

// Mails to the mailbox simulator are taken and thrown away. It knows labels, and counts
// neither in the daily quota nor in the reputation; an account in the sandbox may mail to
// it, too (https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html).
const (
	addressStart = "success+" + mark
	addressEnd   = "@simulator.amazonses.com"
)

// callTimeout is how long a call that makes something may take. An interruption does not
// break it off, because nobody would know then what it has made.
const callTimeout = 30 * time.Second

type usersAPI interface {
	signInAPI
	cognito.ListUsersAPIClient
	cognito.ListUserPoolClientsAPIClient
	DescribeUserPool(context.Context, *cognito.DescribeUserPoolInput, ...func(*cognito.Options)) (*cognito.DescribeUserPoolOutput, error)
	CreateUserPoolClient(context.Context, *cognito.CreateUserPoolClientInput, ...func(*cognito.Options)) (*cognito.CreateUserPoolClientOutput, error)
	DeleteUserPoolClient(context.Context, *cognito.DeleteUserPoolClientInput, ...func(*cognito.Options)) (*cognito.DeleteUserPoolClientOutput, error)
	SignUp(context.Context, *cognito.SignUpInput, ...func(*cognito.Options)) (*cognito.SignUpOutput, error)
	AdminUpdateUserAttributes(context.Context, *cognito.AdminUpdateUserAttributesInput, ...func(*cognito.Options)) (*cognito.AdminUpdateUserAttributesOutput, error)
	AdminConfirmSignUp(context.Context, *cognito.AdminConfirmSignUpInput, ...func(*cognito.Options)) (*cognito.AdminConfirmSignUpOutput, error)
}

// pool makes users, and app clients of its own, so that the app's stay as they are,
// whatever flows they allow.
type pool struct {
	api usersAPI
	id  string
	// byAddress says that the address is the username.
	byAddress bool
	// clients and subs are what was made.
	clients, subs []string
}

// user is one that was made.
type user struct{ sub, username, password string }

// open reads the pool, and refuses one in which nobody can sign up with an address.
func (p *pool) open(ctx context.Context) error {
	out, err := p.api.DescribeUserPool(ctx, &cognito.DescribeUserPoolInput{UserPoolId: &p.id})
	if err != nil {
		return fmt.Errorf("describe the user pool: %w", err)
	}
	if admin := out.UserPool.AdminCreateUserConfig; admin != nil && admin.AllowAdminCreateUserOnly {
		return errors.New("nobody can sign up in this pool: its users are made by an administrator, and no trigger starts their onboarding")
	}
	names := out.UserPool.UsernameAttributes
	p.byAddress = slices.Contains(names, types.UsernameAttributeTypeEmail)
	if len(names) > 0 && !p.byAddress {
		return errors.New("users of this pool sign up by phone, and there is no phone that this could use")
	}
	return nil
}

// makeClient makes an app client that allows an administrator to sign users in with their
// passwords.
func (p *pool) makeClient(ctx context.Context) (id string, err error) {
	err = unbroken(ctx, func(ctx context.Context) error {
		out, err := p.api.CreateUserPoolClient(ctx, &cognito.CreateUserPoolClientInput{
			UserPoolId: &p.id, ClientName: aws.String(mark + random()),
			ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth},
		})
		if err != nil {
			return fmt.Errorf("make an app client: %w", err)
		}
		id = aws.ToString(out.UserPoolClient.ClientId)
		p.clients = append(p.clients, id)
		return nil
	})
	return id, err
}

// signUp makes a user, as an app does. Cognito mails a code, to nobody.
func (p *pool) signUp(ctx context.Context, client string) (u user, err error) {
	label := random()
	u = user{username: mark + label, password: strings.Repeat(rand.Text(), 3) + "-aA1"} // as long as any pool wants
	address := addressStart + label + addressEnd
	if p.byAddress {
		u.username = address
	}
	err = unbroken(ctx, func(ctx context.Context) error {
		out, err := p.api.SignUp(ctx, &cognito.SignUpInput{
			ClientId: &client, Username: &u.username, Password: &u.password,
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &address}},
		})
		if err != nil {
			return fmt.Errorf("sign up: %w", err)
		}
		u.sub = aws.ToString(out.UserSub)
		p.subs = append(p.subs, u.sub)
		return nil
	})
	return u, err
}

// confirm confirms a user, for which Cognito invokes the trigger as if the user had done
// it, but leaves the address unverified
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html).
// The metadata keeps the user apart in the analytics.
func (p *pool) confirm(ctx context.Context, u user) error {
	return unbroken(ctx, func(ctx context.Context) error {
		_, err := p.api.AdminUpdateUserAttributes(ctx, &cognito.AdminUpdateUserAttributesInput{
			UserPoolId: &p.id, Username: &u.sub,
			UserAttributes: []types.AttributeType{{Name: aws.String("email_verified"), Value: aws.String("true")}},
		})
		if err != nil {
			return fmt.Errorf("verify the address: %w", err)
		}
		_, err = p.api.AdminConfirmSignUp(ctx, &cognito.AdminConfirmSignUpInput{
			UserPoolId: &p.id, Username: &u.sub, ClientMetadata: map[string]string{"campaign": strings.TrimSuffix(mark, "-")},
		})
		if err != nil {
			return fmt.Errorf("confirm the sign-up: %w", err)
		}
		return nil
	})
}

// unbroken does something to its end, unless the context has ended before.
func unbroken(ctx context.Context, do func(context.Context) error) error {
	if err := session.Ended(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	return do(ctx)
}

func random() string { return strings.ToLower(rand.Text()) }

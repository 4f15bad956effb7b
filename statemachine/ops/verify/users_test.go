package verify

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// signsUp is a pool of that kind, which notes the sign-up.
type signsUp struct {
	usersAPI

	pool types.UserPoolType
	in   cognito.SignUpInput
}

func (s *signsUp) DescribeUserPool(context.Context, *cognito.DescribeUserPoolInput, ...func(*cognito.Options)) (*cognito.DescribeUserPoolOutput, error) {
	return &cognito.DescribeUserPoolOutput{UserPool: &s.pool}, nil
}

func (s *signsUp) SignUp(ctx context.Context, in *cognito.SignUpInput, _ ...func(*cognito.Options)) (*cognito.SignUpOutput, error) {
	s.in = *in
	return &cognito.SignUpOutput{UserSub: aws.String("sub")}, ctx.Err()
}

func TestPoolThatNobodyCanSignUpInIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		pool types.UserPoolType
		want string
	}{
		"by address":       {types.UserPoolType{UsernameAttributes: []types.UsernameAttributeType{"email"}}, ""},
		"by username":      {types.UserPoolType{}, ""},
		"by phone":         {types.UserPoolType{UsernameAttributes: []types.UsernameAttributeType{"phone_number"}}, "by phone"},
		"by administrator": {types.UserPoolType{AdminCreateUserConfig: &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true}}, "nobody can sign up"},
	} {
		err := (&pool{api: &signsUp{pool: test.pool}}).open(t.Context())
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestUsersMailGoesToTheSimulator(t *testing.T) {
	for _, byAddress := range []bool{true, false} {
		api := new(signsUp)
		p := &pool{api: api, byAddress: byAddress}
		u, err := p.signUp(t.Context(), "client")
		if err != nil {
			t.Fatal(err)
		}
		address := *api.in.UserAttributes[0].Value
		if !strings.HasPrefix(address, addressStart) || !strings.HasSuffix(address, addressEnd) || (*api.in.Username == address) != byAddress || u.sub != "sub" {
			t.Errorf("%q signed up as %q", address, *api.in.Username)
		}
		if p.subs[0] != "sub" {
			t.Errorf("made %q", p.subs)
		}
	}
}

// TestInterruptionBreaksNoCallOff because nobody would know what the call has made.
func TestInterruptionBreaksNoCallOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := unbroken(ctx, func(ctx context.Context) error { cancel(); return ctx.Err() })
	if err != nil {
		t.Errorf("during the call: %v", err)
	}
	if err = unbroken(ctx, func(context.Context) error { t.Error("called"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("before the call: %v", err)
	}
}

package verify

import (
	"context"
	"encoding/base64"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

type signIn func() (*cognito.AdminInitiateAuthOutput, error)

func (f signIn) AdminInitiateAuth(context.Context, *cognito.AdminInitiateAuthInput, ...func(*cognito.Options)) (*cognito.AdminInitiateAuthOutput, error) {
	return f()
}

func token(claims string) *string {
	return aws.String("e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln")
}

func TestFirstTokenNeedsTheGroupInBothTokens(t *testing.T) {
	with, without := token(`{"cognito:groups": ["members", "staff"]}`), token(`{"sub": "s"}`)
	tokens := func(id, access *string) *cognito.AdminInitiateAuthOutput {
		return &cognito.AdminInitiateAuthOutput{AuthenticationResult: &types.AuthenticationResultType{IdToken: id, AccessToken: access}}
	}
	for name, test := range map[string]struct {
		out  *cognito.AdminInitiateAuthOutput
		err  error
		want string
	}{
		"in both":     {tokens(with, with), nil, "ok: groups members, staff"},
		"not in ID":   {tokens(without, with), nil, "FAILED: the token has the groups []"},
		"not in both": {tokens(with, without), nil, "FAILED: the token has the groups []"},
		"no token":    {tokens(with, aws.String("x")), nil, "FAILED: read a token"},
		"bad base64":  {tokens(aws.String("a.?.c"), with), nil, "FAILED: read a token"},
		"bad claims":  {tokens(token("["), with), nil, "FAILED: read a token"},
		"challenge":   {&cognito.AdminInitiateAuthOutput{ChallengeName: types.ChallengeNameTypeMfaSetup}, nil, "not checked: Cognito gave no tokens, and wants MFA_SETUP"},
		"refused":     {nil, opstest.APIError("UserLambdaValidationException"), "FAILED: sign in"},
	} {
		want(t, name, outcome(t, func(ctx context.Context) (string, error) {
			return checkFirstToken(ctx, signIn(func() (*cognito.AdminInitiateAuthOutput, error) { return test.out, test.err }), "pool", "client", user{}, "members")
		}), test.want)
	}
}

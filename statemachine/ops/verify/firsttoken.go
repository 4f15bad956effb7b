package verify

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

type signInAPI interface {
	AdminInitiateAuth(context.Context, *cognito.AdminInitiateAuthInput, ...func(*cognito.Options)) (*cognito.AdminInitiateAuthOutput, error)
}

// checkFirstToken signs the user in, at once after the confirmation, and looks for the
// group in both tokens.
func checkFirstToken(ctx context.Context, api signInAPI, pool, client string, u user, group string) (seen string, err error) {
	out, err := api.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{
		UserPoolId: &pool, ClientId: &client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": u.username, "PASSWORD": u.password},
	})
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	if out.AuthenticationResult == nil {
		return "", uncheckedError("Cognito gave no tokens, and wants " + string(out.ChallengeName))
	}
	for _, token := range []*string{out.AuthenticationResult.IdToken, out.AuthenticationResult.AccessToken} {
		groups, err := groupsIn(aws.ToString(token))
		if err != nil {
			return "", fmt.Errorf("read a token: %w", err)
		}
		if !slices.Contains(groups, group) {
			return "", fmt.Errorf("the token has the groups %q, and not %s", groups, group)
		}
		seen = "groups " + strings.Join(groups, ", ")
	}
	return seen, nil
}

// groupsIn returns the groups that a token has. It came from Cognito itself, so that its
// signature tells nothing new.
func groupsIn(token string) ([]string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("it is no JSON Web Token")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, fmt.Errorf("decode its payload: %w", err)
	}
	var claims struct {
		Groups []string `json:"cognito:groups"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, fmt.Errorf("decode its claims: %w", err)
	}
	return claims.Groups, nil
}

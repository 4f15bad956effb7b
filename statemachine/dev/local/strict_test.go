package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/localtest"
)

// What a client has of its own, SRP above all, is tried with real clients: see
// dev/clients.

// errorCode is the code of the service's error, or "ok".
func errorCode(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return "ok"
}

// calls of somebody who has not signed up.
func callsOfNobody(ctx context.Context, users *idp.Client, client string) map[string]error {
	nobody, code, secret := aws.String("nobody@example.com"), aws.String("123456"), aws.String(password)
	made := make(map[string]error)
	_, made["ConfirmSignUp"] = users.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{ClientId: &client, Username: nobody, ConfirmationCode: code})
	_, made["ResendConfirmationCode"] = users.ResendConfirmationCode(ctx, &idp.ResendConfirmationCodeInput{ClientId: &client, Username: nobody})
	_, made["ForgotPassword"] = users.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: &client, Username: nobody})
	_, made["ConfirmForgotPassword"] = users.ConfirmForgotPassword(ctx, &idp.ConfirmForgotPasswordInput{
		ClientId: &client, Username: nobody, ConfirmationCode: code, Password: secret,
	})
	_, made["InitiateAuth"] = users.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: &client, AuthFlow: types.AuthFlowTypeUserSrpAuth, AuthParameters: map[string]string{"USERNAME": *nobody, "SRP_A": "abcdef"},
	})
	return made
}

func TestClientTellsWhoHasSignedUpAsItIsConfigured(t *testing.T) {
	a := startAWS(t)
	legacy, err := cognito(a).CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &a.Stack.UserPoolID, ClientName: aws.String("legacy"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		client string
		want   map[string]string
	}{
		"the stack's": {a.Stack.ClientID, map[string]string{
			"ConfirmSignUp": "ExpiredCodeException", "ResendConfirmationCode": "ok", "ForgotPassword": "ok",
			"ConfirmForgotPassword": "CodeMismatchException", "InitiateAuth": "ok",
		}},
		"one without PreventUserExistenceErrors": {*legacy.UserPoolClient.ClientId, map[string]string{
			"ConfirmSignUp": "UserNotFoundException", "ResendConfirmationCode": "UserNotFoundException", "ForgotPassword": "UserNotFoundException",
			"ConfirmForgotPassword": "UserNotFoundException", "InitiateAuth": "UserNotFoundException",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := make(map[string]string)
			for operation, err := range callsOfNobody(t.Context(), cognito(a), test.client) {
				got[operation] = errorCode(err)
			}
			if !maps.Equal(got, test.want) {
				t.Errorf("answers to nobody %v, want %v", got, test.want)
			}
		})
	}
}

func TestClientAllowsItsFlowsOnly(t *testing.T) {
	a := startAWS(t)
	u := signUp(t, a)
	parameters := map[string]string{"USERNAME": u.Email, "PASSWORD": password}
	_, err := cognito(a).InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &a.Stack.ClientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: parameters,
	})
	checkAPIError(t, err, "InvalidParameterException", "USER_PASSWORD_AUTH is not enabled for the client.")
	_, err = cognito(a).AdminInitiateAuth(t.Context(), &idp.AdminInitiateAuthInput{
		UserPoolId: &a.Stack.UserPoolID, ClientId: &a.Stack.ClientID, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth, AuthParameters: parameters,
	})
	checkAPIError(t, err, "InvalidParameterException", "Auth flow not enabled for this client")
}

// TestClaims names all claims of both tokens.
func TestClaims(t *testing.T) {
	p := newTokenPool(t, `{}`)
	tokens, err := p.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	id, access := claims(t, tokens.IdToken), claims(t, tokens.AccessToken)
	both := []string{"auth_time", "cognito:groups", "event_id", "exp", "iat", "iss", "jti", "origin_jti", "sub", "token_use"}
	for kind, c := range map[string]struct {
		claims map[string]any
		want   []string
	}{
		"ID":     {id, []string{"aud", "cognito:preferred_role", "cognito:roles", "cognito:username", "email", "email_verified"}},
		"access": {access, []string{"client_id", "scope", "username"}},
	} {
		want := slices.Sorted(slices.Values(append(c.want, both...)))
		if got := slices.Sorted(maps.Keys(c.claims)); !slices.Equal(got, want) {
			t.Errorf("%s token has %q, want %q", kind, got, want)
		}
	}
	if id["email"] != p.user || id["sub"] == p.user || id["cognito:username"] != id["sub"] || id["email_verified"] != true {
		t.Errorf("claims of the user %v", id)
	}
	out, err := cognito(p.aws).InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &p.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": *tokens.RefreshToken},
	})
	if err != nil {
		t.Fatal(err)
	}
	fresh := claims(t, out.AuthenticationResult.IdToken)
	for _, name := range []string{"auth_time", "event_id", "origin_jti"} {
		if fresh[name] != id[name] {
			t.Errorf("%s is %v after the refresh, want %v as before", name, fresh[name], id[name])
		}
	}
	if fresh["jti"] == id["jti"] {
		t.Error("two tokens have the same jti")
	}
}

func TestRevokedTokensAreOfNoUse(t *testing.T) {
	p := newTokenPool(t, `{}`)
	users := cognito(p.aws)
	tokens, err := p.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := users.RevokeToken(t.Context(), &idp.RevokeTokenInput{ClientId: &p.client, Token: tokens.RefreshToken}); err != nil {
		t.Fatal(err)
	}
	_, err = users.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{ClientId: &p.client, RefreshToken: tokens.RefreshToken})
	checkAPIError(t, err, "NotAuthorizedException", "Refresh Token has been revoked")
	_, err = users.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken})
	checkAPIError(t, err, "NotAuthorizedException", "Invalid Access Token")
	_, err = users.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{ClientId: &p.client, RefreshToken: aws.String("none")})
	checkAPIError(t, err, "NotAuthorizedException", "Invalid Refresh Token")
}

func TestUserWritesWhatTheClientMayWrite(t *testing.T) {
	p := newTokenPool(t, `{}`)
	users := cognito(p.aws)
	tokens, err := p.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, value string) error {
		_, err := users.UpdateUserAttributes(t.Context(), &idp.UpdateUserAttributesInput{
			AccessToken: tokens.AccessToken, UserAttributes: []types.AttributeType{{Name: &name, Value: &value}},
		})
		return err
	}
	checkAPIError(t, write("email_verified", "true"), "NotAuthorizedException", "A client attempted to write unauthorized attribute")
	if err := write("email", "new-"+p.user); err != nil {
		t.Fatal(err)
	}
	if got := userInfo(t, users, tokens)["email_verified"]; got != "false" {
		t.Errorf("a new address has email_verified %q, want false", got)
	}
	verify := func(code string) error {
		_, err := users.VerifyUserAttribute(t.Context(), &idp.VerifyUserAttributeInput{
			AccessToken: tokens.AccessToken, AttributeName: aws.String("email"), Code: &code,
		})
		return err
	}
	if got := errorCode(verify("000000")); got != "CodeMismatchException" {
		t.Errorf("the wrong code: %s", got)
	}
	if err := verify("123456"); err != nil || userInfo(t, users, tokens)["email_verified"] != "true" {
		t.Errorf("the right code: %v, want the address verified", err)
	}
	a := startAWS(t)
	_, err = users.SignUp(t.Context(), &idp.SignUpInput{
		ClientId: &a.Stack.ClientID, Username: aws.String("writer@example.com"), Password: aws.String(password),
		UserAttributes: []types.AttributeType{{Name: aws.String("custom:plan"), Value: aws.String("pro")}},
	})
	checkAPIError(t, err, "NotAuthorizedException", "A client attempted to write unauthorized attribute")
}

func userInfo(t *testing.T, users *idp.Client, tokens *types.AuthenticationResultType) map[string]string {
	t.Helper()
	user, err := users.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken})
	if err != nil {
		t.Fatal(err)
	}
	attributes := make(map[string]string)
	for _, a := range user.UserAttributes {
		attributes[*a.Name] = *a.Value
	}
	return attributes
}

func TestForgottenPasswordNeedsACodeAndAGoodPassword(t *testing.T) {
	a := startAWS(t)
	users := cognito(a)
	u := signUp(t, a)
	confirm(t, a, u)
	reset := func(code, password string) error {
		_, err := users.ConfirmForgotPassword(t.Context(), &idp.ConfirmForgotPasswordInput{
			ClientId: &a.Stack.ClientID, Username: &u.Email, ConfirmationCode: &code, Password: &password,
		})
		return err
	}
	if got := errorCode(reset("123456", password)); got != "ExpiredCodeException" {
		t.Errorf("a code that was not asked for: %s", got)
	}
	upper := strings.ToUpper(u.Email) // the pool's usernames have no case
	out, err := users.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &a.Stack.ClientID, Username: &upper})
	if err != nil || *out.CodeDeliveryDetails.Destination != "u***@e***" {
		t.Fatalf("ForgotPassword of %s: %v", upper, err)
	}
	if got := errorCode(reset("000000", password)); got != "CodeMismatchException" {
		t.Errorf("the wrong code: %s", got)
	}
	checkAPIError(t, reset("123456", "correct-horse"), "InvalidPasswordException",
		"Password did not conform with policy: Password must have uppercase characters")
	if err := reset("123456", password); err != nil {
		t.Error(err)
	}
	if got := errorCode(reset("123456", password)); got != "ExpiredCodeException" {
		t.Errorf("a code for the second time: %s", got)
	}
}

// TestErrorsAreJSONThatABrowserReads looks at an operation that is not there, at one at
// which moto fails, and at refusals of moto and of the gateway.
func TestErrorsAreJSONThatABrowserReads(t *testing.T) {
	a := startAWS(t)
	u := signUp(t, a)
	confirm(t, a, u)
	for operation, test := range map[string]struct{ body, code, names string }{
		"ListDevices":    {`{"AccessToken":"none"}`, "UnknownOperationException", "ListDevices"},
		"SignUp":         {`{"ClientId":"none"}`, "ResourceNotFoundException", "none"},
		"ForgotPassword": {`{"ClientId":"` + a.Stack.ClientID + `"}`, "InternalErrorException", "ForgotPassword"},
		"ConfirmSignUp": {
			`{"ClientId":"` + a.Stack.ClientID + `","Username":"` + u.Email + `","ConfirmationCode":"123456"}`,
			"NotAuthorizedException", "CONFIRMED",
		},
	} {
		t.Run(operation, func(t *testing.T) {
			answer, body := fromBrowser(t, a, operation, test.body)
			var got struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal(body, &got); err != nil || got.Type != test.code || !strings.Contains(got.Message, test.names) {
				t.Errorf("%s %s, want %s that has %q", answer.Status, body, test.code, test.names)
			}
			if origins := answer.Header.Values("Access-Control-Allow-Origin"); len(origins) != 1 {
				t.Errorf("Access-Control-Allow-Origin %q, want one", origins)
			}
		})
	}
}

// fromBrowser calls Cognito as the script of a page does.
func fromBrowser(t *testing.T, a *local.AWS, operation, body string) (*http.Response, []byte) {
	t.Helper()
	for _, method := range []string{http.MethodOptions, http.MethodPost} {
		req, err := http.NewRequestWithContext(t.Context(), method, a.Endpoint, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", "http://localhost:5173")
		if method == http.MethodOptions {
			req.Header.Set("Access-Control-Request-Method", http.MethodPost)
			req.Header.Set("Access-Control-Request-Headers", "content-type,x-amz-target,x-amz-user-agent")
		} else {
			req.Header.Set("Content-Type", "application/x-amz-json-1.1")
			req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
		}
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if method == http.MethodPost {
			return answer, text
		}
		if allowed := answer.Header.Get("Access-Control-Allow-Headers"); answer.StatusCode != http.StatusOK || !strings.Contains(allowed, "x-amz-target") {
			t.Errorf("a browser would not call: %s, headers %q", answer.Status, allowed)
		}
	}
	return nil, nil
}

// moto answers calls at the same time: one looks for a user among all, while another one
// signs up.
func TestUsersCanBeAddedWhileOthersAreLookedFor(t *testing.T) {
	localtest.Require(t)
	const script = `
import motocognito, moto.cognitoidp.models as models
motocognito.patch()
pool = models.CognitoIdpBackend("eu-west-1", "123456789012").create_user_pool("pool", {})
for name in ("one", "two"):
    pool.users[name] = name
for users in (pool.users.values(), pool.users.items()):
    for user in users:
        pool.users[f"{user} again"] = user
`
	if out, err := exec.CommandContext(t.Context(), "../../../.tools/local/bin/python", "-B", "-c", script).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

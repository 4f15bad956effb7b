package local_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/dev/local"
)

const password = "Correct-horse-7-battery"

// tokenPool is a pool of its own, with one member of a group, whose tokens a trigger
// changes.
type tokenPool struct {
	aws              *local.AWS
	id, client, user string

	mu     sync.Mutex
	events []map[string]any
	// answer is given what the event has as response.
	answer http.HandlerFunc
}

// newTokenPool makes the pool; its trigger answers with the response, as JSON.
func newTokenPool(t *testing.T, response string) *tokenPool {
	t.Helper()
	p := &tokenPool{aws: startAWS(t), answer: func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"version":"1","response":`+response+`}`)
	}}
	idp := cognito(p.aws)
	pool, err := idp.CreateUserPool(t.Context(), &cognitoidentityprovider.CreateUserPoolInput{
		PoolName: aws.String(t.Name()), UsernameAttributes: []types.UsernameAttributeType{types.UsernameAttributeTypeEmail},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.id = *pool.UserPool.Id
	client, err := idp.CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: &p.id, ClientName: aws.String("test"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowUserPasswordAuth,
			types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.client = *client.UserPoolClient.ClientId
	p.addMember(t)
	function := "pretokengeneration-of-" + p.client
	if _, err := idp.UpdateUserPool(t.Context(), &cognitoidentityprovider.UpdateUserPoolInput{
		UserPoolId: &p.id, LambdaConfig: &types.LambdaConfigType{
			PreTokenGeneration: aws.String("arn:aws:lambda:us-east-1:123456789012:function:" + function),
		},
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.aws.AddFault(func(c local.Call) http.Handler {
		if c.Function != function {
			return nil
		}
		return p
	}))
	return p
}

func (p *tokenPool) addMember(t *testing.T) {
	t.Helper()
	idp := cognito(p.aws)
	p.user = fmt.Sprintf("user-%d-of-the-tests@example.com", users.Add(1))
	_, err := idp.AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &p.id, Username: &p.user, TemporaryPassword: aws.String("Temporary-1"), UserAttributes: []types.AttributeType{
			{Name: aws.String("email"), Value: &p.user}, {Name: aws.String("email_verified"), Value: aws.String("true")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := idp.CreateGroup(t.Context(), &cognitoidentityprovider.CreateGroupInput{
		UserPoolId: &p.id, GroupName: aws.String("staff"), RoleArn: aws.String("arn:aws:iam::123456789012:role/staff"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := idp.AdminAddUserToGroup(t.Context(), &cognitoidentityprovider.AdminAddUserToGroupInput{
		UserPoolId: &p.id, GroupName: aws.String("staff"), Username: &p.user,
	}); err != nil {
		t.Fatal(err)
	}
}

// seen are the events that the trigger got.
func (p *tokenPool) seen() []map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.events)
}

// ServeHTTP is the trigger.
func (p *tokenPool) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var event map[string]any
	json.Unmarshal(body, &event) //nolint:errcheck // the test looks at the event
	p.mu.Lock()
	p.events = append(p.events, event)
	p.mu.Unlock()
	p.answer(w, r)
}

// signIn changes the temporary password.
func (p *tokenPool) signIn(t *testing.T) (*types.AuthenticationResultType, error) {
	t.Helper()
	idp := cognito(p.aws)
	began, err := idp.AdminInitiateAuth(t.Context(), &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId: &p.id, ClientId: &p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": p.user, "PASSWORD": "Temporary-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := idp.AdminRespondToAuthChallenge(t.Context(), &cognitoidentityprovider.AdminRespondToAuthChallengeInput{
		UserPoolId: &p.id, ClientId: &p.client, ChallengeName: began.ChallengeName, Session: began.Session,
		ChallengeResponses: map[string]string{"USERNAME": p.user, "NEW_PASSWORD": password},
		ClientMetadata:     map[string]string{"campaign": "spring"},
	})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

// claims are what the token says.
func claims(t *testing.T, token *string) map[string]any {
	t.Helper()
	parts := strings.Split(*token, ".")
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func groupsIn(t *testing.T, token *string) string {
	t.Helper()
	return fmt.Sprint(claims(t, token)["cognito:groups"])
}

func TestTokensHaveTheGroupsThatTheTriggerGives(t *testing.T) {
	for name, test := range map[string]struct{ response, groups string }{
		"others":       {`{"claimsOverrideDetails":{"groupOverrideDetails":{"groupsToOverride":["members","staff"]}}}`, "[members staff]"},
		"none":         {`{"claimsOverrideDetails":{"groupOverrideDetails":null}}`, "<nil>"},
		"only claims":  {`{"claimsOverrideDetails":{"claimsToAddOrOverride":{"plan":"pro"}}}`, "[staff]"},
		"nothing":      {`{"claimsOverrideDetails":null}`, "[staff]"},
		"no details":   {`{}`, "[staff]"},
		"empty object": {`{"claimsOverrideDetails":{}}`, "[staff]"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTokenPool(t, test.response)
			tokens, err := p.signIn(t)
			if err != nil {
				t.Fatal(err)
			}
			for kind, token := range map[string]*string{"ID": tokens.IdToken, "access": tokens.AccessToken} {
				if got := groupsIn(t, token); got != test.groups {
					t.Errorf("groups in the %s token %s, want %s", kind, got, test.groups)
				}
			}
			if n := len(p.seen()); n != 1 {
				t.Errorf("the trigger was invoked %d times, want once for both tokens", n)
			}
		})
	}
}

func TestTriggerChangesClaimsOfTheIDTokenOnly(t *testing.T) {
	p := newTokenPool(t, `{"claimsOverrideDetails":{"claimsToAddOrOverride":{"plan":"pro","sub":"another","email":"a@b.example"},"claimsToSuppress":["email","aud"]}}`)
	tokens, err := p.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	id, access := claims(t, tokens.IdToken), claims(t, tokens.AccessToken)
	if id["plan"] != "pro" || access["plan"] != nil {
		t.Errorf("plan is %v in the ID token and %v in the access token, want it in the former", id["plan"], access["plan"])
	}
	if id["email"] != nil {
		t.Errorf("email is %v, want it suppressed", id["email"])
	}
	if id["sub"] != access["sub"] || id["aud"] != p.client {
		t.Errorf("sub %v, aud %v: want them unchanged", id["sub"], id["aud"])
	}
}

func TestTriggerSources(t *testing.T) {
	p := newTokenPool(t, `{"claimsOverrideDetails":null}`)
	idp := cognito(p.aws)
	tokens, err := p.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	for flow, parameters := range map[types.AuthFlowType]map[string]string{
		types.AuthFlowTypeUserPasswordAuth: {"USERNAME": p.user, "PASSWORD": password},
		types.AuthFlowTypeRefreshTokenAuth: {"REFRESH_TOKEN": *tokens.RefreshToken},
	} {
		if _, err := idp.InitiateAuth(t.Context(), &cognitoidentityprovider.InitiateAuthInput{
			ClientId: &p.client, AuthFlow: flow, AuthParameters: parameters, ClientMetadata: map[string]string{"campaign": "autumn"},
		}); err != nil {
			t.Fatal(err)
		}
	}
	sub := claims(t, tokens.IdToken)["sub"]
	want := map[string]any{
		"version": "1", "triggerSource": "TokenGeneration_NewPasswordChallenge", "region": local.Region, "userPoolId": p.id,
		"userName":      sub,
		"callerContext": map[string]any{"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": p.client},
		"request": map[string]any{
			"userAttributes": map[string]any{
				"sub": sub, "email": p.user, "email_verified": "true", "cognito:user_status": "CONFIRMED",
			},
			"groupConfiguration": map[string]any{
				"groupsToOverride": []any{"staff"}, "preferredRole": "arn:aws:iam::123456789012:role/staff",
				"iamRolesToOverride": []any{"arn:aws:iam::123456789012:role/staff"},
			},
			"clientMetadata": map[string]any{"campaign": "spring"},
		},
		"response": map[string]any{"claimsOverrideDetails": nil},
	}
	events := p.seen()
	if !reflect.DeepEqual(events[0], want) {
		t.Errorf("first event %v\nwant %v", events[0], want)
	}
	delete(want["request"].(map[string]any), "clientMetadata") //nolint:forcetypeassert // as above
	sources := make(map[any]bool)
	for _, event := range events[1:] {
		sources[event["triggerSource"]] = true
		want["triggerSource"] = event["triggerSource"]
		if !reflect.DeepEqual(event, want) {
			t.Errorf("event %v\nwant %v: the metadata of InitiateAuth stays out", event, want)
		}
	}
	if !maps.Equal(sources, map[any]bool{"TokenGeneration_Authentication": true, "TokenGeneration_RefreshTokens": true}) {
		t.Errorf("sources after the first %v", sources)
	}
}

func TestSignInFailsWithTheTrigger(t *testing.T) {
	for name, test := range map[string]struct {
		answer  http.HandlerFunc
		code    string
		message string
	}{
		"that returns an error": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			fmt.Fprint(w, `{"errorMessage":"no","errorType":"errorString"}`)
		}, "UserLambdaValidationException", "PreTokenGeneration failed with error no."},
		"that returns no event": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `"done"`)
		}, "InvalidLambdaResponseException", "Unrecognizable lambda output"},
		"that is not there": {func(w http.ResponseWriter, r *http.Request) {
			(&local.APIError{Status: http.StatusNotFound, Code: "ResourceNotFoundException"}).ServeHTTP(w, r)
		}, "UnexpectedLambdaException", "PreTokenGeneration invocation failed due to error ResourceNotFoundException."},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTokenPool(t, "")
			p.answer = test.answer
			_, err := p.signIn(t)
			checkAPIError(t, err, test.code, test.message)
		})
	}
}

func TestTriggerThatDoesNotAnswerInTimeIsInvokedAgain(t *testing.T) {
	t.Parallel()
	p := newTokenPool(t, "")
	p.answer = func(w http.ResponseWriter, r *http.Request) {
		if len(p.seen()) == 1 {
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, `{"response":{"claimsOverrideDetails":{"groupOverrideDetails":{"groupsToOverride":["late"]}}}}`)
	}
	tokens, err := p.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	if got := groupsIn(t, tokens.IdToken); got != "[late]" {
		t.Errorf("groups %s, want those of the second attempt", got)
	}
}

func checkAPIError(t *testing.T, err error, code, message string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != code || api.ErrorMessage() != message {
		t.Errorf("error %v, want %s: %s", err, code, message)
	}
}

// TestTriggersOfTheTemplateAreSet is for all of them: none is listed by hand.
func TestTriggersOfTheTemplateAreSet(t *testing.T) {
	a := startAWS(t)
	pool, err := cognito(a).DescribeUserPool(t.Context(), &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &a.Stack.UserPoolID})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(pool.UserPool.LambdaConfig)
	if err != nil {
		t.Fatal(err)
	}
	var set map[string]*string
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(set, func(_ string, arn *string) bool { return arn == nil })
	want, _ := resources(t)["UserPool"].properties["LambdaConfig"].(map[string]any)
	if got, want := slices.Sorted(maps.Keys(set)), slices.Sorted(maps.Keys(want)); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("the pool has the triggers %q, want %q", got, want)
	}
	for name, arn := range set {
		if !strings.HasPrefix(*arn, "arn:aws:lambda:") {
			t.Errorf("%s is %s, want the ARN of a function", name, *arn)
		}
	}
}

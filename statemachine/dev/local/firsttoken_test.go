package local_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/firsttoken"
	"example.com/onboarding/statemachine/record"
)

var passwordClients sync.Map // by local AWS

// passwordClient is an app client that allows what the stack's does not: a password
// without SRP.
func passwordClient(t *testing.T, a *local.AWS) *string {
	t.Helper()
	create := sync.OnceValues(func() (*cognitoidentityprovider.CreateUserPoolClientOutput, error) {
		return cognito(a).CreateUserPoolClient(context.Background(), &cognitoidentityprovider.CreateUserPoolClientInput{
			UserPoolId: &a.Stack.UserPoolID, ClientName: aws.String("passwords"),
			ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth},
		})
	})
	once, _ := passwordClients.LoadOrStore(a, create)
	made, err := once.(func() (*cognitoidentityprovider.CreateUserPoolClientOutput, error))() //nolint:forcetypeassert // as stored
	if err != nil {
		t.Fatal(err)
	}
	return made.UserPoolClient.ClientId
}

// signIn signs the user in, and returns the tokens.
func signIn(t *testing.T, a *local.AWS, u user) (*types.AuthenticationResultType, error) {
	t.Helper()
	out, err := cognito(a).AdminInitiateAuth(t.Context(), &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId: &a.Stack.UserPoolID, ClientId: passwordClient(t, a), AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": u.Email, "PASSWORD": password},
	})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

// checkTokenGroups checks the groups in the tokens of a sign-in. Where FirstToken says that
// a read took longer than it waits, the user signs in again, five times at the most:
// machines that run tests stand still.
func checkTokenGroups(t *testing.T, a *local.AWS, u user, tokens *types.AuthenticationResultType, want string) {
	t.Helper()
	for tries := 1; tries <= 5 && sortedGroups(t, tokens.IdToken) != want && tookLong(a, u, tries); tries++ {
		t.Logf("%s signs in again, because a read took long", u.sub)
		again, err := signIn(t, a, u)
		if err != nil {
			t.Error(err)
			return
		}
		tokens = again
	}
	for kind, token := range map[string]*string{"ID": tokens.IdToken, "access": tokens.AccessToken} {
		if got := sortedGroups(t, token); got != want {
			t.Errorf("groups in the %s token %s, want %s", kind, got, want)
		}
	}
}

// sortedGroups returns the groups as "[members staff]", or "<nil>".
func sortedGroups(t *testing.T, token *string) string {
	t.Helper()
	groups := groupsIn(t, token)
	if groups == "<nil>" {
		return groups
	}
	names := strings.Fields(strings.Trim(groups, "[]"))
	slices.Sort(names)
	return "[" + strings.Join(names, " ") + "]"
}

// holdGroups keeps the step from adding users to groups until it is mended.
func holdGroups(t *testing.T, a *local.AWS) (mend func()) {
	t.Helper()
	mend = a.AddFault(func(c local.Call) http.Handler {
		if c.Action != "AdminAddUserToGroup" {
			return nil
		}
		return jsonError(400, "TooManyRequestsException")
	})
	t.Cleanup(mend)
	return mend
}

// tookLong reports whether FirstToken says that tokens of the user have no groups because
// a read took longer than it waits, n times. The line may come after the token.
func tookLong(a *local.AWS, u user, n int) bool {
	for range 250 {
		told := 0
		for _, line := range a.Logs() {
			if strings.Contains(line.Text, "token left without groups") && strings.Contains(line.Text, `"timeout"`) && strings.Contains(line.Text, u.sub) {
				told++
			}
		}
		if told >= n {
			return true
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}

// TestFirstTokensHaveTheGroups has 50 users sign in as soon as they are confirmed, half of
// them while nobody gets a group. Five do so at a time: moto answers one call after the
// other, and FirstToken does not wait long.
func TestFirstTokensHaveTheGroups(t *testing.T) {
	a := startRuled(t)
	const n = 50
	crowd := make([]user, n)
	for i := range crowd {
		email := "" // of example.com, to which no rule applies
		if i%2 == 1 {
			email = "first-token-" + string(rune('a'+i/2%26)) + "@staff.example"
		}
		crowd[i] = signUpRuled(t, a, email, nil)
	}
	mend := holdGroups(t, a)
	limit := make(chan struct{}, 5)
	var signing sync.WaitGroup
	for i, u := range crowd {
		if i == n/2 {
			signing.Wait()
			mend()
		}
		limit <- struct{}{}
		signing.Go(func() {
			defer func() { <-limit }()
			if err := a.Confirm(t.Context(), u.User, nil); err != nil {
				t.Error(err)
				return
			}
			tokens, err := signIn(t, a, u)
			if err != nil {
				t.Error(err)
				return
			}
			want := "[members]"
			if strings.HasSuffix(u.Email, "@staff.example") {
				want = "[members paying staff]"
			}
			checkTokenGroups(t, a, u, tokens, want)
		})
	}
	signing.Wait()
	for _, u := range crowd {
		if e := wait(t, a, u); e.Status != sfntypes.ExecutionStatusSucceeded {
			t.Errorf("%s: %s %s", u.sub, e.Status, e.Error)
		}
	}
}

func TestFirstTokenIsToldWhichUsersAreNew(t *testing.T) {
	all, _, conditions := translated(t)
	d := deploymentOf(all, conditions, map[string]any{"ExistingUserPoolId": "eu-west-1_Existing1", "FirstToken": "on", "SweepSince": "2026-01-31"})
	environment, _ := d.resources["FirstTokenFunction"].properties["Environment"].(map[string]any)
	variables, _ := environment["Variables"].(map[string]any)
	if got := variables["SWEEP_SINCE"]; got != "2026-01-31" {
		t.Errorf("users are new since %v, want it to be as SweepSince", got)
	}
}

func TestUserWhoWasRemovedDoesNotGetTheGroupBack(t *testing.T) {
	a := startAWS(t)
	u := signUp(t, a)
	checkSucceeded(t, confirm(t, a, u))
	if _, err := cognito(a).AdminRemoveUserFromGroup(t.Context(), &cognitoidentityprovider.AdminRemoveUserFromGroupInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &u.username, GroupName: aws.String("members"),
	}); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]string{
		time.Now(): "[members]", time.Now().Add(-firsttoken.Race): "<nil>",
	} {
		if _, err := dynamodb.NewFromConfig(a.Config()).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String(a.PhysicalID("DeliveryTable")), Key: record.KeyOf(u.sub),
			UpdateExpression:         aws.String("SET #state.#at = :at"),
			ExpressionAttributeNames: map[string]string{"#state": groupState, "#at": "at"},
			ExpressionAttributeValues: map[string]dynamotypes.AttributeValue{
				":at": &dynamotypes.AttributeValueMemberS{Value: at.UTC().Format("2006-01-02T15:04:05.000Z07:00")},
			},
		}); err != nil {
			t.Fatal(err)
		}
		tokens, err := signIn(t, a, u)
		if err != nil {
			t.Fatal(err)
		}
		checkTokenGroups(t, a, u, tokens, want)
	}
}

// TestInvitedUserIsOnboardedBySettingAPassword follows a user whom an administrator made.
func TestInvitedUserIsOnboardedBySettingAPassword(t *testing.T) {
	a := startAWS(t)
	u := invite(t, a)
	out, err := setPassword(t, a, u)
	if err != nil {
		t.Fatal(err)
	}
	checkTokenGroups(t, a, u, out.AuthenticationResult, "[members]")
	e := wait(t, a, u)
	checkSucceeded(t, e)
	checkEffects(t, a, u, onboarded(t))
	if !strings.Contains(e.Input, `"campaign":"spring"`) {
		t.Errorf("input %s, want the metadata of RespondToAuthChallenge", e.Input)
	}
}

// invitations counts the invited users of all tests.
var invitations atomic.Int64

func invite(t *testing.T, a *local.AWS) user {
	t.Helper()
	u := user{User: local.User{Email: fmt.Sprintf("invited-%d@example.com", invitations.Add(1))}}
	made, err := cognito(a).AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &u.Email, TemporaryPassword: aws.String("Temporary-1"), UserAttributes: []types.AttributeType{
			{Name: aws.String("email"), Value: &u.Email}, {Name: aws.String("email_verified"), Value: aws.String("true")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	u.username = *made.User.Username
	for _, attribute := range made.User.Attributes {
		if *attribute.Name == "sub" {
			u.sub = *attribute.Value
		}
	}
	return u
}

// setPassword signs an invited user in, with the password of the invitation.
func setPassword(t *testing.T, a *local.AWS, u user) (*cognitoidentityprovider.AdminRespondToAuthChallengeOutput, error) {
	t.Helper()
	began, err := cognito(a).AdminInitiateAuth(t.Context(), &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId: &a.Stack.UserPoolID, ClientId: passwordClient(t, a), AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": u.Email, "PASSWORD": "Temporary-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return cognito(a).AdminRespondToAuthChallenge(t.Context(), &cognitoidentityprovider.AdminRespondToAuthChallengeInput{
		UserPoolId: &a.Stack.UserPoolID, ClientId: passwordClient(t, a), ChallengeName: began.ChallengeName, Session: began.Session,
		ChallengeResponses: map[string]string{"USERNAME": u.Email, "NEW_PASSWORD": password},
		ClientMetadata:     map[string]string{"campaign": "spring", "coupon": "secret"},
	})
}

// firstTokenFails is the plant of an alarm: the user's sign-ins fail while it stands.
func firstTokenFails(strike func(*local.AWS) http.Handler, at string) func(*testing.T, *local.AWS) func(*testing.T) {
	return func(t *testing.T, a *local.AWS) func(*testing.T) {
		t.Helper()
		u := signUp(t, a)
		hold := holdGroups(t, a)
		confirmOnce(t, a, u)
		remove := a.AddFault(func(c local.Call) http.Handler {
			if at == "FirstToken Invoke" && c.Function != a.PhysicalID("FirstTokenFunction") || at != "FirstToken Invoke" && !u.isAt(c, at) {
				return nil
			}
			return strike(a)
		})
		if _, err := signIn(t, a, u); err == nil {
			t.Error("the user could sign in")
		}
		return func(t *testing.T) {
			t.Helper()
			remove()
			if tokens, err := signIn(t, a, u); err != nil {
				t.Error(err)
			} else {
				checkTokenGroups(t, a, u, tokens, "[members]")
			}
			hold()
			checkOnboarded(t, a, u)
		}
	}
}

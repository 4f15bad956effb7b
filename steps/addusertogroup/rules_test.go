package main

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/grouprules"
	"example.com/onboarding/steps/internal/steptest"
)

const rules = `[
	{"attribute": "email", "emailDomain": "example.com", "groups": ["staff"]},
	{"attribute": "locale", "equals": "de", "groups": ["german", "members", "europe"]},
	{"attribute": "custom:plan", "oneOf": ["pro"], "groups": ["paying"]}
]`

// newStep returns the step as main makes it.
func newStep(rules string, users Users) *AddUserToGroup {
	parsed, err := grouprules.Parse(rules)
	return &AddUserToGroup{Users: users, DefaultGroup: "members", Rules: parsed, RulesError: err}
}

// jane has what a user of the pool has.
func jane(verified string) getFunc {
	return func(context.Context, *cognito.AdminGetUserInput) ([]types.AttributeType, error) {
		return []types.AttributeType{
			{Name: aws.String("email"), Value: aws.String("jane.doe@example.com")},
			{Name: aws.String("email_verified"), Value: aws.String(verified)},
			{Name: aws.String("locale"), Value: aws.String("de")},
			{Name: aws.String("custom:empty")},
		}, nil
	}
}

// noting is a Cognito that notes the groups and fails for one of them.
func noting(groups *[]string, failing string, failure error) addFunc {
	return func(_ context.Context, in *cognito.AdminAddUserToGroupInput) error {
		*groups = append(*groups, *in.GroupName)
		if *in.GroupName == failing {
			return failure
		}
		return nil
	}
}

func TestUserIsAddedToTheGroupsOfMatchingRules(t *testing.T) {
	var added []string
	result, err := newStep(rules, pool{noting(&added, "", nil), jane("true")}).Handle(t.Context(), steptest.Task(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"members", "staff", "german", "europe"}; !slices.Equal(added, want) {
		t.Errorf("added to %q, want %q: the default group first, and each once", added, want)
	}
	steptest.CheckJSON(t, result, `{"status":"done","reason":"","groups":["members","staff","german","europe"]}`)
}

func TestUnverifiedAddressGrantsNothing(t *testing.T) {
	var added []string
	result, err := newStep(rules, pool{noting(&added, "", nil), jane("false")}).Handle(t.Context(), steptest.Task(t))
	if err != nil || !slices.Equal(added, result.Groups) {
		t.Errorf("added to %q, result %+v, error %v", added, result, err)
	}
	steptest.CheckJSON(t, result, `{"status":"done","reason":"","groups":["members","german","europe"]}`)
}

// TestUserWhoMatchesNothingGetsTheDefaultGroup also sees which user is read, once.
func TestUserWhoMatchesNothingGetsTheDefaultGroup(t *testing.T) {
	var added []string
	var asked []*cognito.AdminGetUserInput
	users := pool{noting(&added, "", nil), func(ctx context.Context, in *cognito.AdminGetUserInput) ([]types.AttributeType, error) {
		if ctx != t.Context() {
			t.Error("the call does not have the context of the step")
		}
		asked = append(asked, in)
		return nil, nil
	}}
	result, err := newStep(rules, users).Handle(t.Context(), steptest.Task(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []*cognito.AdminGetUserInput{{
		UserPoolId: aws.String("us-east-1_Example01"), Username: aws.String("3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"),
	}}
	if !reflect.DeepEqual(asked, want) {
		t.Errorf("%d calls of AdminGetUser, want one for the user", len(asked))
	}
	steptest.CheckJSON(t, result, `{"status":"done","reason":"","groups":["members"]}`)
}

func TestClientMetadataGrantsNothing(t *testing.T) {
	task := steptest.Task(t)
	task.State.Metadata = map[string]string{"email": "jane@example.com", "email_verified": "true", "locale": "de", "custom:plan": "pro"}
	nobody := func(context.Context, *cognito.AdminGetUserInput) ([]types.AttributeType, error) { return nil, nil }
	var added []string
	if _, err := newStep(rules, pool{noting(&added, "", nil), nobody}).Handle(t.Context(), task); err != nil || !slices.Equal(added, []string{"members"}) {
		t.Errorf("added to %q, error %v; want the default group only", added, err)
	}
}

// TestBadRulesStopTheExecution sees that the user has the default group all the same.
func TestBadRulesStopTheExecution(t *testing.T) {
	for _, test := range []struct{ rules, want string }{
		{
			`[{"attribute":"locale","equals":"de","groups":["g"]},{"attribute":"metadata.plan","groups":["g"]}]`,
			`parameter GroupRules: malformed: rule 2 ("attribute": "metadata.plan"): client metadata is set by whoever signs up and cannot grant a group (ops doctor lists every problem)`,
		},
		{`[`, `parameter GroupRules: malformed: the rules are not JSON: unexpected end of JSON input, at character 1 (ops doctor lists every problem)`},
	} {
		var added []string
		_, err := newStep(test.rules, pool{addFunc: noting(&added, "", nil)}).Handle(t.Context(), steptest.Task(t))
		checkError(t, err, reflect.TypeFor[*statemachine.ConfigurationError](), test.want)
		if !slices.Equal(added, []string{"members"}) {
			t.Errorf("%s: added to %q, want the default group", test.rules, added)
		}
	}
}

func TestMissingGroupIsNamed(t *testing.T) {
	for failing, wantAdded := range map[string][]string{
		"members": {"members", "members"}, "german": {"members", "staff", "german"},
	} {
		var added []string
		missing := &types.ResourceNotFoundException{Message: aws.String("jane.doe@example.com")}
		_, err := newStep(rules, pool{noting(&added, failing, missing), jane("true")}).Handle(t.Context(), steptest.Task(t))
		checkError(t, err, reflect.TypeFor[*statemachine.NotReadyError](),
			`Cognito AdminAddUserToGroup: ResourceNotFoundException: the group "`+failing+`" does not exist, or the user pool does not`)
		if !slices.Equal(added, wantAdded) {
			t.Errorf("%s is missing: tried %q, want %q", failing, added, wantAdded)
		}
	}
}

func TestErrorsOfReadingTheUser(t *testing.T) {
	message := aws.String("jane.doe@example.com is in the way")
	for _, test := range []struct {
		err  error
		want reflect.Type
		text string
	}{
		{&types.TooManyRequestsException{Message: message}, reflect.TypeFor[*statemachine.ThrottledError](), "Cognito AdminGetUser: TooManyRequestsException"},
		{context.DeadlineExceeded, reflect.TypeFor[*statemachine.TransientError](), "Cognito AdminGetUser: timeout: the call did not get through, or was not answered in time"},
		{&types.ResourceNotFoundException{Message: message}, reflect.TypeFor[*statemachine.NotReadyError](), "Cognito AdminGetUser: ResourceNotFoundException: the user pool, the group, the event bus or the table does not exist"},
		{&types.UserNotFoundException{Message: message}, reflect.TypeFor[*statemachine.TransientError](), "Cognito AdminGetUser: UserNotFoundException: Cognito may not find a user right after the sign-up"},
		{errors.New(*message), reflect.TypeFor[*statemachine.UnexpectedError](), "Cognito AdminGetUser: unknown failure"},
	} {
		users := answers(nil)
		users.getFunc = func(context.Context, *cognito.AdminGetUserInput) ([]types.AttributeType, error) { return nil, test.err }
		_, err := newStep(rules, users).Handle(t.Context(), steptest.Task(t))
		checkError(t, err, test.want, test.text)
	}
}

func TestUserDeletedBeforeTheRulesAreAppliedIsSkipped(t *testing.T) {
	users := answers(nil)
	users.getFunc = func(context.Context, *cognito.AdminGetUserInput) ([]types.AttributeType, error) {
		return nil, &types.UserNotFoundException{}
	}
	task := steptest.Task(t)
	task.RetryCount = 5
	result, err := newStep(rules, users).Handle(t.Context(), task)
	if err != nil {
		t.Fatal(err)
	}
	steptest.CheckJSON(t, result, `{"status":"skipped","reason":"user not found","groups":[]}`)
}

func checkError(t *testing.T, err error, want reflect.Type, text string) {
	t.Helper()
	if got := reflect.TypeOf(err); got != want || err.Error() != text || strings.Contains(err.Error(), "jane.doe") {
		t.Errorf("got a %v: %v\nwant a %v: %s", got, err, want, text)
	}
}

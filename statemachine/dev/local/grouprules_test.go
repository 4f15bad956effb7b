package local_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/localtest"
)

// ruled is a local AWS with group rules. It is one of its own, because the rules
// make AddUserToGroup read the user, which the faults of other tests strike; and it
// is moto's engine, whatever the others run on.
var ruled = localtest.Shared{Options: local.Options{
	Root: "../../..", Build: "../../../.local/test-rules", FastRetries: true,
	Parameters: map[string]string{"GroupRules": `[
		{"attribute": "email", "equals": "Ceo@rules.example", "groups": ["board"]},
		{"attribute": "custom:plan", "oneOf": ["pro", "team"], "groups": ["paying"]},
		{"attribute": "email", "emailDomain": "staff.example", "groups": ["staff", "paying"]},
		{"attribute": "custom:team", "prefix": "eng-", "groups": ["engineers"]},
		{"attribute": "locale", "equals": "tlh", "groups": ["klingon"]}
	]`},
}}

var rulesPrepared sync.Once

func startRuled(t *testing.T) *local.AWS {
	t.Helper()
	needsStep(t, groupState)
	a := ruled.Start(t)
	rulesPrepared.Do(func() {
		// It fails for a group that is there: the stack makes the default one only.
		if _, err := a.MakeGroupsOfRules(t.Context()); err != nil {
			t.Fatal(err)
		}
		in := &cognitoidentityprovider.AddCustomAttributesInput{UserPoolId: &a.Stack.UserPoolID}
		for _, name := range []string{"plan", "team"} {
			in.CustomAttributes = append(in.CustomAttributes, types.SchemaAttributeType{
				Name: aws.String(name), AttributeDataType: types.AttributeDataTypeString, Mutable: aws.Bool(true),
			})
		}
		if _, err := cognito(a).AddCustomAttributes(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	})
	return a
}

// signUpRuled signs a user up who has the attributes when the sign-up is confirmed.
// The app's backend sets those that are not the app's to write.
func signUpRuled(t *testing.T, a *local.AWS, email string, attributes map[string]string) user {
	t.Helper()
	u := signUpAs(t, a, local.User{Email: email})
	for name, value := range attributes {
		setAttribute(t, a, u, name, value)
	}
	return u
}

// checkGroups checks the groups in the result of the step, in order, and those that
// Cognito has.
func checkGroups(t *testing.T, a *local.AWS, u user, e local.Execution, want ...string) {
	t.Helper()
	checkSucceeded(t, e)
	if got := outcomeOf(t, e, groupState); got.Status != statemachine.StatusDone || !slices.Equal(got.Groups, want) {
		t.Errorf("result %+v, want %q", got, want)
	}
	got, err := a.Groups(t.Context(), u.username)
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("the user is in %q (%v), want %q", got, err, want)
	}
}

func TestGroupRules(t *testing.T) {
	for _, test := range []struct {
		name, email string
		attributes  map[string]string
		want        []string
	}{
		{"equals", "ceo@rules.example", nil, []string{"members", "board"}},
		{"one of", "", map[string]string{"custom:plan": "team"}, []string{"members", "paying"}},
		{"mail domain", "jane@Staff.Example", nil, []string{"members", "staff", "paying"}},
		{"prefix", "", map[string]string{"custom:team": "eng-7"}, []string{"members", "engineers"}},
		{
			"several", "joe@staff.example",
			map[string]string{"custom:team": "eng-7", "custom:plan": "pro", "locale": "tlh"},
			[]string{"members", "paying", "staff", "engineers", "klingon"},
		},
		{"no match", "jane@mail.staff.example", map[string]string{"custom:plan": "Pro", "custom:team": "my-eng-", "locale": "tlh-US"}, []string{"members"}},
		{"no attributes", "", nil, []string{"members"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := startRuled(t)
			u := signUpRuled(t, a, test.email, test.attributes)
			checkGroups(t, a, u, confirm(t, a, u), test.want...)
		})
	}
}

// TestUnverifiedAddressGrantsNoGroup confirms as an administrator does, which
// verifies no address.
func TestUnverifiedAddressGrantsNoGroup(t *testing.T) {
	a := startRuled(t)
	u := signUpRuled(t, a, "mallory@staff.example", map[string]string{"custom:team": "eng-7"})
	if _, err := cognito(a).AdminConfirmSignUp(t.Context(), &cognitoidentityprovider.AdminConfirmSignUpInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &u.username,
	}); err != nil {
		t.Fatal(err)
	}
	checkGroups(t, a, u, wait(t, a, u), "members", "engineers")
}

// TestMetadataGrantsNoGroup sends the values that rules look for as client metadata,
// of which the locale is let through to the workflow.
func TestMetadataGrantsNoGroup(t *testing.T) {
	a := startRuled(t)
	u := signUpRuled(t, a, "", nil)
	claims := map[string]string{"locale": "tlh", "custom:plan": "pro", "plan": "pro", "email": "ceo@rules.example"}
	if err := a.Confirm(t.Context(), u.User, claims); err != nil {
		t.Fatal(err)
	}
	e := wait(t, a, u)
	checkGroups(t, a, u, e, "members")
	if !strings.Contains(e.Input, `"tlh"`) {
		t.Errorf("input %s: the claim did not get there", e.Input)
	}
}

func TestMissingGroupOfARuleIsNamedAndTheExecutionRedriven(t *testing.T) {
	a := startRuled(t)
	group := aws.String("klingon")
	if _, err := cognito(a).DeleteGroup(t.Context(), &cognitoidentityprovider.DeleteGroupInput{UserPoolId: &a.Stack.UserPoolID, GroupName: group}); err != nil {
		t.Fatal(err)
	}
	u := signUpRuled(t, a, "", map[string]string{"locale": "tlh"})
	e := confirm(t, a, u)
	if _, err := cognito(a).CreateGroup(context.WithoutCancel(t.Context()), &cognitoidentityprovider.CreateGroupInput{UserPoolId: &a.Stack.UserPoolID, GroupName: group}); err != nil {
		t.Fatal(err)
	}
	checkStoppedOn(t, e, groupState, "NotReadyError", 1+notReadyRetries)
	if got := effectsOf(t, a, u); got.groups != "members" {
		t.Errorf("groups %q, want those before the missing one", got.groups)
	}
	var cause struct{ ErrorMessage string }
	if err := json.Unmarshal([]byte(e.Cause), &cause); err != nil || !strings.Contains(cause.ErrorMessage, `the group "klingon" does not exist`) {
		t.Errorf("cause %s: want the group named", e.Cause)
	}
	e = redrive(t, a, u)
	checkSucceededAfter(t, e, pathThrough(t, groupState, 2)...)
	if got, want := outcomeOf(t, e, groupState).Groups, []string{"members", "klingon"}; !slices.Equal(got, want) {
		t.Errorf("groups %q after the redrive, want %q", got, want)
	}
}

func TestReadingTheUserForTheRulesIsRetried(t *testing.T) {
	a := startRuled(t)
	u := signUpRuled(t, a, "jill@staff.example", nil)
	failCalls(t, a, u, 1, "AdminGetUser", jsonError(400, "TooManyRequestsException"))
	e := confirm(t, a, u)
	checkGroups(t, a, u, e, "members", "staff", "paying")
	if got, want := attemptsOf(e, groupState), []string{"ThrottledError", ""}; !slices.Equal(got, want) {
		t.Errorf("attempts ended with %q, want %q", got, want)
	}
}

// TestUserIsReadForTheRulesOnly looks at the calls of the function. Its role may read the
// user always, so that rules can be brought in under traffic.
func TestUserIsReadForTheRulesOnly(t *testing.T) {
	needsStep(t, groupState)
	for name, test := range map[string]struct {
		start     func(*testing.T) *local.AWS
		wantCalls []string
	}{
		"rules":    {startRuled, []string{"AdminAddUserToGroup", "AdminGetUser"}},
		"no rules": {startAWS, []string{"AdminAddUserToGroup"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := test.start(t)
			u := signUp(t, a)
			confirm(t, a, u)
			var got []string
			for _, c := range once(a.Calls(func(c local.Call) bool {
				return c.AccessKeyID == "AddUserToGroupFunction" && c.Service == "cognito-idp" && u.isIn(c)
			})) {
				got = append(got, c.Action)
			}
			if !slices.Equal(got, test.wantCalls) {
				t.Errorf("calls %q, want %q", got, test.wantCalls)
			}
		})
	}
}

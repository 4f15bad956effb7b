package pooltrigger

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

const firstTokenARN = opstest.FunctionARN + "-firsttoken"

// withFirstToken are the flags for a stack that has it on.
func withFirstToken() Flags {
	flags := given
	flags.FirstToken = firstTokenARN
	return flags
}

// without takes the pool's Pre Token Generation trigger away.
func (c *cognitoPool) without() *cognitoPool {
	c.settings.LambdaConfig = (&pool{settings: c.settings}).withTrigger(preTokenGeneration, "").settings.LambdaConfig
	return c
}

func TestAttachSetsBothTriggersAndDetachTakesBothAway(t *testing.T) {
	c := newCognitoPool(t).without()
	former := c.settings
	r, err := c.run(t.Context(), t, Attach{Flags: withFirstToken()}, "none")
	if err != nil || r.Result != Changed || r.After != opstest.FunctionARN || r.FirstToken == nil {
		t.Fatalf("report %+v, error %v", r, err)
	}
	if want := (Trigger{"LambdaConfig.PreTokenGeneration", "", firstTokenARN, firstTokenARN, PermissionAdded, ""}); *r.FirstToken != want {
		t.Errorf("reported %+v, want %+v", *r.FirstToken, want)
	}
	c.wantCalls(t, "AddPermission", "AddPermission", "UpdateUserPool") // in that order
	set := c.settings.LambdaConfig
	if config := set.PreTokenGenerationConfig; aws.ToString(set.PreTokenGeneration) != firstTokenARN || aws.ToString(config.LambdaArn) != firstTokenARN || config.LambdaVersion != "V1_0" {
		t.Errorf("the pool has %v and %+v, want the same function in both", set.PreTokenGeneration, set.PreTokenGenerationConfig)
	}
	if r, err := c.run(t.Context(), t, Attach{Flags: withFirstToken()}, "none"); err != nil || r.Result != Already {
		t.Errorf("attached twice: %+v, %v", r, err)
	}

	c.calls = nil
	r, err = c.run(t.Context(), t, Detach{Flags: withFirstToken()}, "none")
	if err != nil || r.Result != Changed || r.FirstToken.After != "" || r.FirstToken.Permission != PermissionRemoved {
		t.Errorf("detached: %+v, %v", r, err)
	}
	c.wantCalls(t, "UpdateUserPool", "RemovePermission", "RemovePermission")
	c.wantPool(t, former, "")
	if len(c.policy) > 0 {
		t.Errorf("the policy is %v, want none", c.policy)
	}
}

func TestFunctionOfSomebodyElseStays(t *testing.T) {
	c := newCognitoPool(t)
	former, other := c.settings, *c.settings.LambdaConfig.PreTokenGeneration
	r, err := c.run(t.Context(), t, Attach{Flags: withFirstToken(), Replace: true}, "none")
	if err != nil || r.FirstToken.After != other || r.FirstToken.Permission != PermissionKept || !strings.Contains(r.FirstToken.Note, "InToken") {
		t.Errorf("report %+v, %+v, error %v", r, r.FirstToken, err)
	}
	c.wantPool(t, former, opstest.FunctionARN)
	if r, err := c.run(t.Context(), t, Detach{Flags: withFirstToken()}, "none"); err != nil || r.FirstToken.After != other {
		t.Errorf("detached: %+v, %v", r, err)
	}
	c.wantPool(t, former, "")
	c.wantCalls(t, "AddPermission", "UpdateUserPool", "UpdateUserPool", "RemovePermission")
}

func TestTriggerIsKnownByEitherParameter(t *testing.T) {
	for name, triggers := range map[string]*types.LambdaConfigType{
		"the old one": {PreTokenGeneration: aws.String(firstTokenARN)},
		"the new one": {PreTokenGenerationConfig: &types.PreTokenGenerationVersionConfigType{LambdaArn: aws.String(firstTokenARN), LambdaVersion: "V1_0"}},
	} {
		c := newCognitoPool(t)
		c.settings.LambdaConfig = triggers
		if r, err := c.run(t.Context(), t, Attach{Flags: withFirstToken()}, "none"); err != nil || r.FirstToken.Before != firstTokenARN {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if r, err := c.run(t.Context(), t, Detach{Flags: withFirstToken()}, "none"); err != nil || r.FirstToken.After != "" {
			t.Errorf("%s: detached: %+v, %v", name, r, err)
		}
		if set := c.settings.LambdaConfig; set.PreTokenGeneration != nil || set.PreTokenGenerationConfig != nil {
			t.Errorf("%s: the pool still has %v, %v", name, set.PreTokenGeneration, set.PreTokenGenerationConfig)
		}
	}
}

func TestBothPermissionsAreTakenBack(t *testing.T) {
	c := newCognitoPool(t).without()
	former := c.settings
	c.onUpdate = func(*cognitoidentityprovider.UpdateUserPoolInput) error {
		return opstest.APIError("InvalidParameterException")
	}
	r, err := c.run(t.Context(), t, Attach{Flags: withFirstToken()}, "none")
	if err == nil || r.Permission != PermissionTakenBack || r.FirstToken.Permission != PermissionTakenBack || len(c.policy) > 0 {
		t.Errorf("report %+v, %+v, error %v, policy %v", r, r.FirstToken, err, c.policy)
	}
	c.wantPool(t, former, "")
}

func TestPlanShowsBothTriggers(t *testing.T) {
	for _, test := range []struct {
		pool *cognitoPool
		want string
	}{
		{newCognitoPool(t).without(), "LambdaConfig.PreTokenGeneration: none → " + firstTokenARN + "\n  permission for Cognito to invoke the function: added\n"},
		{newCognitoPool(t), "which stays: for new users to have their groups in the first token, let that function call InToken of statemachine/firsttoken\n"},
	} {
		s := opstest.NewSession(t)
		flags := withFirstToken()
		flags.JSON = false
		if err := (Attach{Flags: flags}).run(t.Context(), s.Session, clients{test.pool, test.pool}); err != nil || !strings.Contains(s.Out.String(), test.want) {
			t.Errorf("error %v, printed\n%s\nwant %q in it", err, &s.Out, test.want)
		}
	}
}

package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// triggers are the PostConfirmation triggers of pools by ID.
type triggers map[string]string

func (p triggers) DescribeUserPool(_ context.Context, in *cognitoidentityprovider.DescribeUserPoolInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error) {
	trigger, found := p[*in.UserPoolId]
	if !found {
		return nil, opstest.APIError("ResourceNotFoundException")
	}
	return &cognitoidentityprovider.DescribeUserPoolOutput{UserPool: &types.UserPoolType{LambdaConfig: &types.LambdaConfigType{PostConfirmation: &trigger}}}, nil
}

func TestFormerPoolThatStillCallsTheTriggerIsNamed(t *testing.T) {
	const former, detach = "us-east-1_Former01", "go run ./statemachine/ops detach --user-pool us-east-1_Former01 --trigger " + opstest.FunctionARN
	both := `{"ArnLike": {"AWS:SourceArn": ["` + opstest.PoolARN + `", "` + strings.ReplaceAll(opstest.PoolARN, opstest.PoolID, former) + `"]}}`
	own := triggers{opstest.PoolID: opstest.FunctionARN}
	for _, test := range []struct {
		name, condition string
		pools           triggers
		want            string
	}{
		{"the stack's pool only", poolOnly, own, ""},
		{"a former pool", both, triggers{former: opstest.FunctionARN}, detach},
		{"a former pool, by a version", both, triggers{former: opstest.FunctionARN + ":7"}, detach + ":7"},
		{"a former pool that was detached", both, triggers{former: ""}, ""},
		{"a former pool with another trigger", both, triggers{former: opstest.OtherARN}, ""},
		{"a former pool that was deleted", both, own, ""},
		{"any pool", `{}`, own, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			functions := policies{byQualifier: map[string]string{"": cognitoMay(test.condition)}}
			found, err := checkFormerPools(t.Context(), functions, test.pools, healthyStack())
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	denied := policies{err: opstest.APIError("AccessDeniedException")}
	if _, err := checkFormerPools(t.Context(), denied, own, healthyStack()); err == nil {
		t.Error("a denied call is no error")
	}
}

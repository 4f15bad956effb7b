package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/permission"
)

func poolWithTrigger(arn string) poolFunc {
	return describes(&types.UserPoolType{LambdaConfig: &types.LambdaConfigType{PostConfirmation: aws.String(arn)}}, nil)
}

// poolWithFirstToken has the stack's trigger too, and names the other one by one of two
// parameters, or both.
func poolWithFirstToken(legacy, config string) poolFunc {
	triggers := types.LambdaConfigType{PostConfirmation: aws.String(opstest.FunctionARN), PreTokenGeneration: &legacy}
	if config != "" {
		triggers.PreTokenGenerationConfig = &types.PreTokenGenerationVersionConfigType{LambdaArn: &config}
	}
	return describes(&types.UserPoolType{LambdaConfig: &triggers}, nil)
}

const firstTokenARN = opstest.FunctionARN + "-firsttoken"

func stackWithFirstToken(parameter string) *stack {
	k := healthyStack()
	k.outputs["FirstTokenFunctionArn"], k.parameters["FirstToken"] = firstTokenARN, parameter
	return k
}

func TestFirstToken(t *testing.T) {
	const attach, trigger = "go run ./statemachine/ops attach --stack onboarding", "ok: " + opstest.FunctionARN + " | \n"
	for _, test := range []struct {
		name      string
		parameter string
		pool      poolFunc
		want      string
	}{
		{"the stack's", "on", poolWithFirstToken(firstTokenARN, firstTokenARN), "ok: " + firstTokenARN + " | \n"},
		{"by the old parameter alone", "on", poolWithFirstToken(firstTokenARN, ""), "ok: " + firstTokenARN + " | \n"},
		{"by the new one alone", "on", poolWithFirstToken("", firstTokenARN), "ok: " + firstTokenARN + " | \n"},
		{"none", "on", poolWithFirstToken("", ""), "warning: the pool has no Pre Token Generation trigger: the first token of a new user lacks the groups | " + attach + "\n"},
		{"another", "on", poolWithFirstToken("", opstest.OtherARN), "warning: the pool's Pre Token Generation trigger is another function, " + opstest.OtherARN +
			": the first token of a new user lacks the groups, unless it gives them | let it call InToken (statemachine/firsttoken), and deploy the stack with FirstToken=off\n"},
		{"off", "off", poolWithFirstToken("", opstest.OtherARN), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkTrigger(stackWithFirstToken(test.parameter), test.pool)
			if got := summary(t, found); err != nil || got != trigger+test.want {
				t.Errorf("found %q, %v; want %q", got, err, trigger+test.want)
			}
		})
	}
}

func TestPermissionOfFirstTokenCountsWhereThePoolNamesIt(t *testing.T) {
	const live = firstTokenARN + ":live"
	may := map[string]string{"": cognitoMay(poolOnly)}
	found, err := checkPermission(t.Context(), policies{byQualifier: may}, stackWithFirstToken("on"), poolWithFirstToken(live, ""))
	if got := summary(t, found); err != nil || !strings.HasPrefix(got, "fault: Cognito may not invoke FirstToken for the pool: nobody can sign in | aws lambda add-permission") ||
		!strings.HasSuffix(got, "--function-name "+firstTokenARN+" --qualifier live\n") {
		t.Errorf("found %q, %v", got, err)
	}
	for name, pool := range map[string]poolFunc{"has it": poolWithFirstToken(firstTokenARN, ""), "another": poolWithFirstToken(opstest.OtherARN+":live", ""), "none": poolWithFirstToken("", "")} {
		if found, err := checkPermission(t.Context(), policies{byQualifier: may}, stackWithFirstToken("on"), pool); err != nil || len(found) > 0 {
			t.Errorf("%s: found %q, %v", name, summary(t, found), err)
		}
	}
}

func TestTrigger(t *testing.T) {
	for _, test := range []struct {
		name string
		pool poolFunc
		want string
	}{
		{"the stack's", poolWithTrigger(opstest.FunctionARN), "ok: " + opstest.FunctionARN + " | \n"},
		{"a version of it", poolWithTrigger(opstest.FunctionARN + ":7"), "ok: " + opstest.FunctionARN + ":7 | \n"},
		{"none", describes(&types.UserPoolType{}, nil), "fault: the pool has no PostConfirmation trigger: nobody is onboarded | go run ./statemachine/ops attach --stack onboarding\n"},
		{"another of which the name begins alike", poolWithTrigger(opstest.FunctionARN + "2"), "fault: the pool's PostConfirmation trigger is another function: " + opstest.FunctionARN + "2 | go run ./statemachine/ops attach --stack onboarding --replace\n"},
		{"no pool", describes(nil, opstest.APIError("ResourceNotFoundException")), "fault: the user pool " + opstest.PoolID + " does not exist | deploy the stack with the ID of a pool that does, as ExistingUserPoolId\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkTrigger(healthyStack(), test.pool)
			if got := summary(t, found); err != nil || got != test.want {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if _, err := checkTrigger(healthyStack(), describes(nil, opstest.APIError("AccessDeniedException"))); err == nil {
		t.Error("a denied call is no error")
	}
}

// policies has the policies of a function by qualifier.
type policies struct {
	permission.API

	byQualifier map[string]string
	err         error
}

func (p policies) GetPolicy(_ context.Context, in *lambda.GetPolicyInput, _ ...func(*lambda.Options)) (*lambda.GetPolicyOutput, error) {
	policy, found := p.byQualifier[aws.ToString(in.Qualifier)]
	if !found && p.err == nil {
		return nil, &lambdatypes.ResourceNotFoundException{}
	}
	return &lambda.GetPolicyOutput{Policy: &policy}, p.err
}

// cognitoMay returns a policy with a statement for Cognito, under a condition.
func cognitoMay(condition string) string {
	return `{"Statement": [{"Sid": "one", "Effect": "Allow", "Principal": {"Service": "cognito-idp.amazonaws.com"}, "Action": "lambda:InvokeFunction", "Condition": ` + condition + `}]}`
}

const poolOnly = `{"ArnLike": {"AWS:SourceArn": "` + opstest.PoolARN + `"}, "StringEquals": {"AWS:SourceAccount": "123456789012"}}`

func TestPermission(t *testing.T) {
	const live = opstest.FunctionARN + ":live"
	add := "aws lambda add-permission --statement-id ops-attach-" + opstest.PoolID + " --action lambda:InvokeFunction --principal cognito-idp.amazonaws.com" +
		" --source-arn " + opstest.PoolARN + " --source-account 123456789012 --function-name " + opstest.FunctionARN
	for _, test := range []struct {
		name     string
		pool     poolFunc
		policies map[string]string
		want     Verdict // empty for nothing found
		mend     string
	}{
		{"the template's", poolWithTrigger(opstest.FunctionARN), map[string]string{"": cognitoMay(poolOnly)}, "", ""},
		{"any pool of the account", poolWithTrigger(opstest.FunctionARN), map[string]string{"": cognitoMay(`{"StringEquals": {"AWS:SourceAccount": "123456789012"}}`)}, "", ""},
		{"anybody's pool", poolWithTrigger(opstest.FunctionARN), map[string]string{"": cognitoMay(`{}`)}, Warning, add + " && aws lambda remove-permission --statement-id one --function-name " + opstest.FunctionARN},
		{"another pool", poolWithTrigger(opstest.FunctionARN), map[string]string{"": cognitoMay(strings.ReplaceAll(poolOnly, opstest.PoolID, "us-east-1_Other"))}, Fault, add},
		{"no policy", poolWithTrigger(opstest.FunctionARN), nil, Fault, add},
		{"an alias", poolWithTrigger(live), map[string]string{"live": cognitoMay(poolOnly)}, "", ""},
		{"an alias, and only the function has the permission", poolWithTrigger(live), map[string]string{"": cognitoMay(poolOnly)}, Fault, add + " --qualifier live"},
		{"another trigger", poolWithTrigger(opstest.OtherARN), map[string]string{"": cognitoMay(poolOnly)}, "", ""},
		{"a pool that cannot be read", describes(nil, opstest.APIError("AccessDeniedException")), map[string]string{"": cognitoMay(poolOnly)}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkPermission(t.Context(), policies{byQualifier: test.policies}, healthyStack(), test.pool)
			if err != nil || test.want == "" && len(found) > 0 || test.want != "" && (len(found) != 1 || found[0].Verdict != test.want || found[0].Mend != test.mend) {
				t.Errorf("found %s, %v; want %s %s", summary(t, found), err, test.want, test.mend)
			}
		})
	}
	denied := policies{err: opstest.APIError("AccessDeniedException")}
	if _, err := checkPermission(t.Context(), denied, healthyStack(), poolWithTrigger(opstest.FunctionARN)); err == nil {
		t.Error("a denied call is no error")
	}
}

package doctor

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

type describePoolAPI interface {
	DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error)
}

var errNoPool = errors.New("there is no user pool to check")

// The outputs that name the functions which a pool invokes.
const (
	triggerOutput    = "TriggerFunctionArn"
	firstTokenOutput = "FirstTokenFunctionArn"
)

// checkTrigger checks that the pool exists and invokes the stack's triggers.
func checkTrigger(k *stack, pool poolFunc) ([]Finding, error) {
	p, err := pool()
	if isGone(err) {
		return []Finding{fault("the user pool "+k.outputs["UserPoolId"]+" does not exist", "deploy the stack with the ID of a pool that does, as ExistingUserPoolId")}, nil
	}
	if err != nil {
		return nil, err
	}
	trigger, attach := triggerOf(p), "go run ./statemachine/ops attach --stack "+quote(k.name)
	var found []Finding
	switch {
	case trigger == "":
		found = append(found, fault("the pool has no PostConfirmation trigger: nobody is onboarded", attach))
	case !isOurs(k, triggerOutput, trigger):
		found = append(found, fault("the pool's PostConfirmation trigger is another function: "+trigger, attach+" --replace"))
	default:
		found = append(found, fine(trigger))
	}
	return append(found, checkFirstToken(k, firstTokenOf(p), attach)...), nil
}

// checkFirstToken checks the trigger that gives new users their groups in the first
// token, where the stack has it on.
func checkFirstToken(k *stack, trigger, attach string) []Finding {
	const lacks = ": the first token of a new user lacks the groups"
	switch {
	case k.outputs[firstTokenOutput] == "" || k.parameters["FirstToken"] == "off":
		return nil
	case trigger == "":
		return []Finding{warning("the pool has no Pre Token Generation trigger"+lacks, attach)}
	case !isOurs(k, firstTokenOutput, trigger):
		return []Finding{warning("the pool's Pre Token Generation trigger is another function, "+trigger+lacks+", unless it gives them",
			"let it call InToken (statemachine/firsttoken), and deploy the stack with FirstToken=off")}
	}
	return []Finding{fine(trigger)}
}

func triggerOf(p *types.UserPoolType) string {
	if p == nil || p.LambdaConfig == nil {
		return ""
	}
	return aws.ToString(p.LambdaConfig.PostConfirmation)
}

func firstTokenOf(p *types.UserPoolType) string {
	if p == nil || p.LambdaConfig == nil {
		return ""
	}
	if config := p.LambdaConfig.PreTokenGenerationConfig; config != nil && aws.ToString(config.LambdaArn) != "" {
		return *config.LambdaArn
	}
	return aws.ToString(p.LambdaConfig.PreTokenGeneration)
}

// isOurs reports whether the ARN is that of the function that the stack's output names,
// or of a version or an alias of it.
func isOurs(k *stack, output, trigger string) bool {
	own := k.outputs[output]
	return own != "" && (trigger == own || strings.HasPrefix(trigger, own+":"))
}

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

// checkTrigger checks that the pool exists and invokes the stack's trigger.
func checkTrigger(k *stack, pool poolFunc) ([]Finding, error) {
	p, err := pool()
	if isGone(err) {
		return []Finding{fault("the user pool "+k.outputs["UserPoolId"]+" does not exist", "deploy the stack with the ID of a pool that does, as ExistingUserPoolId")}, nil
	}
	if err != nil {
		return nil, err
	}
	trigger, attach := triggerOf(p), "go run ./statemachine/ops attach --stack "+quote(k.name)
	if trigger == "" {
		return []Finding{fault("the pool has no PostConfirmation trigger: nobody is onboarded", attach)}, nil
	}
	if !isOurs(k, trigger) {
		return []Finding{fault("the pool's PostConfirmation trigger is another function: "+trigger, attach+" --replace")}, nil
	}
	return []Finding{fine(trigger)}, nil
}

func triggerOf(p *types.UserPoolType) string {
	if p == nil || p.LambdaConfig == nil {
		return ""
	}
	return aws.ToString(p.LambdaConfig.PostConfirmation)
}

// isOurs reports whether the ARN is that of the stack's trigger, or of a version or
// an alias of it.
func isOurs(k *stack, trigger string) bool {
	own := k.outputs["TriggerFunctionArn"]
	return own != "" && (trigger == own || strings.HasPrefix(trigger, own+":"))
}

package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine/ops/internal/permission"
)

// checkFormerPools looks for pools that still invoke the trigger, but are not the
// stack's any more. Their permission outlives another ExistingUserPoolId, or their users
// would see an error, and names them.
func checkFormerPools(ctx context.Context, functions permission.API, pools describePoolAPI, k *stack) ([]Finding, error) {
	p, err := permission.For(functions, k.outputs[triggerOutput], k.poolARN())
	if err != nil {
		return nil, err
	}
	statements, err := p.Statements(ctx)
	if err != nil {
		return nil, err
	}
	var found []Finding
	seen := map[string]bool{k.outputs["UserPoolId"]: true}
	for _, s := range statements {
		for _, id := range s.Pools() {
			if seen[id] {
				continue
			}
			seen[id] = true
			out, err := pools.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &id})
			if isGone(err) {
				continue
			}
			if err != nil {
				return found, fmt.Errorf("describe user pool: %w", err)
			}
			if trigger := triggerOf(out.UserPool); isOurs(k, triggerOutput, trigger) {
				found = append(found, fault("the pool "+id+", which is not the stack's, calls the trigger: the executions of its users stop, as the steps may not read them",
					"go run ./statemachine/ops detach --user-pool "+id+" --trigger "+trigger))
			}
		}
	}
	return found, nil
}

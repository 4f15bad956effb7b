package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

type functionsAPI interface {
	GetFunctionConfiguration(context.Context, *lambda.GetFunctionConfigurationInput, ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error)
	GetFunctionConcurrency(context.Context, *lambda.GetFunctionConcurrencyInput, ...func(*lambda.Options)) (*lambda.GetFunctionConcurrencyOutput, error)
}

// checkFunctions checks that every function of the stack can be invoked.
func checkFunctions(ctx context.Context, api functionsAPI, k *stack, started definitionsFunc) ([]Finding, error) {
	var found []Finding
	var names []string
	for _, r := range k.ofType("AWS::Lambda::Function") {
		name := aws.ToString(r.PhysicalResourceId)
		names = append(names, strings.TrimSuffix(aws.ToString(r.LogicalResourceId), "Function"))
		f, err := api.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
		if err != nil {
			return found, fmt.Errorf("get configuration of %s: %w", name, err)
		}
		if state := functionState(name, f); state.Verdict != OK {
			found = append(found, state)
		}
		reserved, err := api.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: &name})
		if err != nil {
			return found, fmt.Errorf("get concurrency of %s: %w", name, err)
		}
		if n := reserved.ReservedConcurrentExecutions; n != nil && *n == 0 {
			found = append(found, switchedOff(k, name, started))
		}
	}
	if len(found) == 0 {
		slices.Sort(names)
		found = append(found, fine(strings.Join(names, ", ")))
	}
	return found, nil
}

// switchedOff judges a function that nobody can invoke. Where the function is that of
// a state which is not deployed, nobody tries to.
func switchedOff(k *stack, name string, started definitionsFunc) Finding {
	found, mend := name+" is switched off: its reserved concurrency is 0", "aws lambda delete-function-concurrency --function-name "+quote(name)
	if started.leaveOut(k.arn("lambda", "function:"+name)) && !k.isNamed(name, "TriggerFunction", "FirstTokenFunction", "StartDeferredFunction") {
		return warning(found+", and no state of the deployed definition calls it", mend)
	}
	return fault(found, mend)
}

// functionState judges the state of a function
// (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html).
func functionState(name string, f *lambda.GetFunctionConfigurationOutput) Finding {
	switch {
	case f.State == types.StateActive && f.LastUpdateStatus == types.LastUpdateStatusSuccessful:
		return fine("")
	case f.State == types.StateFailed:
		return fault(name+" is Failed: "+aws.ToString(f.StateReason), "sam build && sam deploy")
	case f.LastUpdateStatus == types.LastUpdateStatusFailed:
		return fault("the last update of "+name+" failed: "+aws.ToString(f.LastUpdateStatusReason), "sam build && sam deploy")
	case f.State == types.StateInactive:
		return warning(name+" is Inactive: it was not invoked for long, and the next invocation fails and wakes it", "none is needed: that invocation is repeated")
	}
	return warning(fmt.Sprintf("%s is being updated: state %s, last update %s", name, f.State, f.LastUpdateStatus),
		"aws lambda wait function-updated-v2 --function-name "+quote(name))
}

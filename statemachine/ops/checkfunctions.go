package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

type functionsAPI interface {
	GetFunctionConfiguration(context.Context, *lambda.GetFunctionConfigurationInput, ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error)
	GetFunctionConcurrency(context.Context, *lambda.GetFunctionConcurrencyInput, ...func(*lambda.Options)) (*lambda.GetFunctionConcurrencyOutput, error)
}

// checkFunctions checks that every function of the stack can be invoked.
func checkFunctions(ctx context.Context, api functionsAPI, k *stack) ([]finding, error) {
	var found []finding
	for _, name := range k.ofType("AWS::Lambda::Function") {
		f, err := api.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
		if err != nil {
			return found, fmt.Errorf("get configuration of %s: %w", name, err)
		}
		if finding := functionState(name, f); finding.Verdict != verdictOK {
			found = append(found, finding)
		}
		reserved, err := api.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: &name})
		if err != nil {
			return found, fmt.Errorf("get concurrency of %s: %w", name, err)
		}
		if n := reserved.ReservedConcurrentExecutions; n != nil && *n == 0 {
			found = append(found, fault(name+" is switched off: its reserved concurrency is 0",
				"aws lambda delete-function-concurrency --function-name "+quote(name)))
		}
	}
	return found, nil
}

// functionState judges the state of a function
// (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html).
func functionState(name string, f *lambda.GetFunctionConfigurationOutput) finding {
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

package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// enoughConcurrency is how many triggers run at a time at the worst: 50 confirmations
// a second, which is Cognito's quota, and 3.5 seconds until the trigger has given up
// Step Functions and the queue. An account has 1,000, a new one 10
// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
const enoughConcurrency = 175

type concurrencyAPI interface {
	GetFunctionConcurrency(context.Context, *lambda.GetFunctionConcurrencyInput, ...func(*lambda.Options)) (*lambda.GetFunctionConcurrencyOutput, error)
	GetAccountSettings(context.Context, *lambda.GetAccountSettingsInput, ...func(*lambda.Options)) (*lambda.GetAccountSettingsOutput, error)
}

// checkConcurrency checks that a burst of sign-ups is not turned away by Lambda. Cognito
// shows an error to such a user, who is confirmed all the same, and asks no second time.
// Reserved concurrency of 0 is another check's.
func checkConcurrency(ctx context.Context, api concurrencyAPI, k *stack) ([]Finding, error) {
	const lost = ": a burst of sign-ups can be turned away, and then only the sweep onboards them"
	trigger, err := k.physical("TriggerFunction")
	if err != nil {
		return nil, err
	}
	function, err := api.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: &trigger})
	if err != nil {
		return nil, fmt.Errorf("get concurrency of %s: %w", trigger, err)
	}
	if reserved := function.ReservedConcurrentExecutions; reserved != nil {
		if n := *reserved; n > 0 && n < enoughConcurrency {
			return []Finding{warning(fmt.Sprintf("at most %d invocations of the trigger run at a time, which are reserved for it%s", n, lost),
				fmt.Sprintf("aws lambda put-function-concurrency --function-name %s --reserved-concurrent-executions %d", quote(trigger), enoughConcurrency))}, nil
		}
		return nil, nil
	}
	account, err := api.GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	if err != nil {
		return nil, fmt.Errorf("get account settings: %w", err)
	}
	if account.AccountLimit == nil {
		return nil, nil
	}
	free, limit := aws.ToInt32(account.AccountLimit.UnreservedConcurrentExecutions), account.AccountLimit.ConcurrentExecutions
	if free >= enoughConcurrency {
		return nil, nil
	}
	return []Finding{warning(fmt.Sprintf("the functions of the account run at most %d at a time, and %d of these are reserved by none%s", limit, free, lost),
		fmt.Sprintf("aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value %d", max(1000, limit+enoughConcurrency)))}, nil
}

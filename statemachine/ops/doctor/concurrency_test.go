package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// concurrency is that of the account and of the trigger.
type concurrency struct {
	limit, free int32
	reserved    *int32
	err         error
}

func (c concurrency) GetFunctionConcurrency(_ context.Context, in *lambda.GetFunctionConcurrencyInput, _ ...func(*lambda.Options)) (*lambda.GetFunctionConcurrencyOutput, error) {
	if *in.FunctionName != "trigger" {
		return &lambda.GetFunctionConcurrencyOutput{ReservedConcurrentExecutions: aws.Int32(1)}, nil
	}
	return &lambda.GetFunctionConcurrencyOutput{ReservedConcurrentExecutions: c.reserved}, nil
}

func (c concurrency) GetAccountSettings(context.Context, *lambda.GetAccountSettingsInput, ...func(*lambda.Options)) (*lambda.GetAccountSettingsOutput, error) {
	return &lambda.GetAccountSettingsOutput{AccountLimit: &types.AccountLimit{
		ConcurrentExecutions: c.limit, UnreservedConcurrentExecutions: aws.Int32(c.free),
	}}, c.err
}

func TestConcurrency(t *testing.T) {
	for name, test := range map[string]struct {
		concurrency concurrency
		want        string
	}{
		"usual":                 {concurrency{limit: 1000, free: 1000}, ""},
		"enough":                {concurrency{limit: 1000, free: 175}, ""},
		"new account":           {concurrency{limit: 10, free: 10}, "warning: the functions of the account run at most 10 at a time, and 10 of these are reserved by none: a burst of sign-ups can be turned away, and then only the sweep onboards them | aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000"},
		"reserved by others":    {concurrency{limit: 1000, free: 174}, "warning: the functions of the account run at most 1000 at a time, and 174 of these are reserved by none: a burst of sign-ups can be turned away, and then only the sweep onboards them | aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1175"},
		"reserved":              {concurrency{limit: 1000, free: 100, reserved: aws.Int32(175)}, ""},
		"too few reserved":      {concurrency{limit: 1000, free: 900, reserved: aws.Int32(5)}, "warning: at most 5 invocations of the trigger run at a time, which are reserved for it: a burst of sign-ups can be turned away, and then only the sweep onboards them | aws lambda put-function-concurrency --function-name trigger --reserved-concurrent-executions 175"},
		"off, as functions say": {concurrency{limit: 10, free: 10, reserved: aws.Int32(0)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := checkConcurrency(t.Context(), test.concurrency, healthyStack())
			if got := summary(t, found); err != nil || strings.TrimSpace(got) != test.want {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if _, err := checkConcurrency(t.Context(), concurrency{err: opstest.APIError("AccessDeniedException")}, healthyStack()); err == nil {
		t.Error("a denied call is no error")
	}
}

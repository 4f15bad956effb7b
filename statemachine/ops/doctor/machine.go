package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// redrivable is how long an execution can be redriven after it stopped
// (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html).
const redrivable = 14 * session.Day

type machineAPI interface {
	DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error)
}

// describeMachine takes the ARN of a state machine, or of a version of it.
func describeMachine(ctx context.Context, api machineAPI, arn string) (*sfn.DescribeStateMachineOutput, error) {
	out, err := api.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
	if err != nil {
		return nil, fmt.Errorf("describe state machine: %w", err)
	}
	return out, nil
}

// checkMachine checks that the state machine takes executions that can be redriven.
func checkMachine(ctx context.Context, api machineAPI, k *stack) ([]Finding, error) {
	arn, err := k.physical("OnboardingStateMachine")
	if err != nil {
		return nil, err
	}
	out, err := describeMachine(ctx, api, arn)
	if err != nil {
		return nil, err
	}
	var found []Finding
	if out.Type != types.StateMachineTypeStandard {
		found = append(found, fault(fmt.Sprintf("the state machine is %s: a user may be onboarded twice, and nothing can be redriven", out.Type), "sam build && sam deploy"))
	}
	if out.Status != types.StateMachineStatusActive {
		found = append(found, fault(fmt.Sprintf("the state machine is %s", out.Status), "sam build && sam deploy"))
	}
	return found, nil
}

// checkExecutions looks for executions that stopped and can be redriven. The first
// page is enough to say that there are some.
func checkExecutions(ctx context.Context, api sfn.ListExecutionsAPIClient, k *stack, now time.Time) ([]Finding, error) {
	arn, err := k.physical("OnboardingStateMachine")
	if err != nil {
		return nil, err
	}
	n, more := 0, ""
	for _, status := range []types.ExecutionStatus{types.ExecutionStatusFailed, types.ExecutionStatusTimedOut} {
		out, err := api.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &arn, StatusFilter: status, MaxResults: 1000})
		if err != nil {
			return nil, fmt.Errorf("list executions: %w", err)
		}
		for _, x := range out.Executions {
			if now.Sub(aws.ToTime(x.StopDate)) < redrivable {
				n++
			}
		}
		if out.NextToken != nil {
			more = "more than "
		}
	}
	if n == 0 {
		return nil, nil
	}
	return []Finding{warning(fmt.Sprintf("executions that stopped in the last 14 days, and wait to be redriven: %s%d", more, n),
		"go run ./statemachine/ops redrive --stack "+quote(k.name))}, nil
}

package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/execution"
)

// onboards is how long an execution may take: a step is retried for longer, but then
// something is not as it should be.
var onboards = patience{wait: 2 * time.Minute, pause: time.Second}

// awaitEnd waits until an execution has ended, which need not have begun, after so many
// redrives: what DescribeExecution says may be a little old.
func awaitEnd(ctx context.Context, api execution.DescribeAPI, arn string, redrives int32, p patience) (out *sfn.DescribeExecutionOutput, err error) {
	ended, err := p.until(ctx, func() (bool, error) {
		var err error
		out, err = api.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		if _, none := errors.AsType[*types.ExecutionDoesNotExist](err); none {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("describe the execution: %w", err)
		}
		return out.Status != types.ExecutionStatusRunning && aws.ToInt32(out.RedriveCount) >= redrives, nil
	})
	switch {
	case err != nil:
		return nil, err
	case !ended && out == nil:
		return nil, fmt.Errorf("the trigger has started no execution within %s: it is deferred, or lost", p.wait)
	case !ended:
		return out, fmt.Errorf("it has not ended within %s: ops user says where it is", p.wait)
	}
	return out, nil
}

// checkExecution checks that the execution which the trigger started succeeds.
func checkExecution(ctx context.Context, api execution.DescribeAPI, arn string, p patience) (seen string, err error) {
	out, err := awaitEnd(ctx, api, arn, 0, p)
	if err != nil {
		return "", err
	}
	if out.Status != types.ExecutionStatusSucceeded {
		return "", fmt.Errorf("%s with %s", out.Status, aws.ToString(out.Error))
	}
	return fmt.Sprintf("SUCCEEDED after %s", aws.ToTime(out.StopDate).Sub(aws.ToTime(out.StartDate)).Round(time.Millisecond)), nil
}

package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/ops/redrive"
)

type stopAPI interface {
	execution.DescribeAPI
	StopExecution(context.Context, *sfn.StopExecutionInput, ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error)
}

// checkRedrive stops the execution of a user who was just confirmed, and redrives it. One
// that is stopped by hand is ABORTED, and no alarm watches for that. It may have ended
// before it is stopped.
func checkRedrive(ctx context.Context, api stopAPI, arn string, redrives func(context.Context) error, p patience) (seen string, err error) {
	_, err = api.StopExecution(ctx, &sfn.StopExecutionInput{
		ExecutionArn: &arn, Error: aws.String("OpsVerify"), Cause: aws.String("stopped by ops verify, which redrives it"),
	})
	if _, none := errors.AsType[*types.ExecutionDoesNotExist](err); none {
		return "", uncheckedError("the trigger has started no execution yet: its start is deferred, or lost")
	}
	if err != nil {
		return "", fmt.Errorf("stop the execution: %w", err)
	}
	out, err := awaitEnd(ctx, api, arn, 0, p)
	if err != nil {
		return "", err
	}
	switch out.Status {
	case types.ExecutionStatusAborted:
	case types.ExecutionStatusSucceeded:
		return "", uncheckedError("the execution ended before it could be stopped: run this again")
	default:
		return "", fmt.Errorf("%s with %s before it could be stopped", out.Status, aws.ToString(out.Error))
	}
	if err := redrives(ctx); err != nil {
		return "", err
	}
	if out, err = awaitEnd(ctx, api, arn, 1, p); err != nil {
		return "", err
	}
	if out.Status != types.ExecutionStatusSucceeded {
		return "", fmt.Errorf("%s with %s after the redrive", out.Status, aws.ToString(out.Error))
	}
	return "ABORTED, redriven, SUCCEEDED", nil
}

// redriveOne redrives an execution with the command that operators have.
func redriveOne(ctx context.Context, s *session.Session, machine, arn string) error {
	var out, progress bytes.Buffer
	quiet := *s
	quiet.Stdout, quiet.Stderr = &out, &progress
	c := redrive.Command{Flags: session.Flags{JSON: true, StateMachine: machine}, Execution: []string{arn}, ReadRate: 5, Rate: 10}
	err := c.Run(ctx, &quiet)
	if !errors.Is(err, session.ErrAttention) {
		return err
	}
	var report redrive.Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Executions) != 1 {
		return fmt.Errorf("redrive says %s", out.String())
	}
	return fmt.Errorf("the redrive %s: %s", report.Executions[0].Result, report.Executions[0].Detail)
}

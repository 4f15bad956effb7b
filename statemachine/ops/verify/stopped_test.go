package verify

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// stoppable is an execution with the status before and after its redrive; without one it
// does not exist.
type stoppable struct {
	before, after types.ExecutionStatus
	redrive       error

	redriven bool
	late     bool // the redrive does not show yet
}

func (x *stoppable) StopExecution(context.Context, *sfn.StopExecutionInput, ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error) {
	if x.before == "" {
		return nil, &types.ExecutionDoesNotExist{}
	}
	return &sfn.StopExecutionOutput{}, nil
}

func (x *stoppable) DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	out := &sfn.DescribeExecutionOutput{Status: x.before, Error: aws.String("Planted"), StartDate: aws.Time(time.Unix(1, 0)), StopDate: aws.Time(time.Unix(3, 0))}
	if x.redriven && !x.late {
		out.Status, out.RedriveCount = x.after, aws.Int32(1)
	}
	if out.Status == "" {
		return nil, &types.ExecutionDoesNotExist{}
	}
	return out, nil
}

func TestStoppedExecutionMustSucceedAfterItsRedrive(t *testing.T) {
	for name, test := range map[string]struct {
		stoppable
		want string
	}{
		"succeeds":           {stoppable{before: "ABORTED", after: "SUCCEEDED"}, "ok: ABORTED, redriven, SUCCEEDED"},
		"fails again":        {stoppable{before: "ABORTED", after: "FAILED"}, "FAILED: FAILED with Planted after the redrive"},
		"is not redriven":    {stoppable{before: "ABORTED", redrive: errors.New("refused")}, "FAILED: refused"},
		"runs on":            {stoppable{before: "ABORTED", after: "RUNNING"}, "FAILED: it has not ended within"},
		"is late":            {stoppable{before: "ABORTED", after: "SUCCEEDED", late: true}, "FAILED: it has not ended within"},
		"failed before":      {stoppable{before: "FAILED"}, "FAILED: FAILED with Planted before"},
		"succeeded before":   {stoppable{before: "SUCCEEDED"}, "not checked: the execution ended"},
		"has not begun":      {stoppable{}, "not checked: the trigger has started no execution yet"},
		"ignores being told": {stoppable{before: "RUNNING"}, "FAILED: it has not ended"},
	} {
		want(t, name, outcome(t, func(ctx context.Context) (string, error) {
			return checkRedrive(ctx, &test.stoppable, "arn", func(context.Context) error { test.redriven = true; return test.redrive }, atOnce)
		}), test.want)
	}
}

func TestExecutionMustSucceed(t *testing.T) {
	for status, beginning := range map[types.ExecutionStatus]string{
		"SUCCEEDED": "ok: SUCCEEDED after 2s", "TIMED_OUT": "FAILED: TIMED_OUT with Planted", "RUNNING": "FAILED: it has not ended", "": "FAILED: the trigger has started no execution within",
	} {
		want(t, string(status), outcome(t, func(ctx context.Context) (string, error) {
			return checkExecution(ctx, &stoppable{before: status}, "arn", atOnce)
		}), beginning)
	}
}

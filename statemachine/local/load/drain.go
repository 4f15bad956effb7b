package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// drain waits until all are onboarded or nothing more is under way, but not longer
// than the plan says.
func (r *run) drain(ctx context.Context, arrivals <-chan struct{}, progress func(onboarded int)) error {
	var deadline <-chan time.Time
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		onboarded, deferred := r.ledger.progress()
		progress(onboarded)
		if arrivals == nil {
			running, err := r.running(ctx)
			if err != nil {
				return err
			}
			if running == 0 && (onboarded == r.plan.Users || deferred <= 0) {
				return nil
			}
		}
		select {
		case <-arrivals:
			arrivals, deadline = nil, time.After(r.plan.Drain)
			r.memory.arrived()
		case <-ticker.C:
		case <-deadline:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// running returns how many executions run; more than 100 count as that.
func (r *run) running(ctx context.Context) (int, error) {
	out, err := sfn.NewFromConfig(r.aws.Config()).ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: &r.aws.Stack.StateMachineARN, StatusFilter: types.ExecutionStatusRunning, MaxResults: 100,
	})
	if err != nil {
		return 0, fmt.Errorf("list running executions: %w", err)
	}
	return len(out.Executions), nil
}

// execution is one of the executions of the run.
type execution struct {
	took time.Duration
	// ended is how: SUCCEEDED, or the name of the error that it failed with.
	ended string
}

// executions returns those of the run's users, by name, and how many others were
// started meanwhile.
func (r *run) executions(ctx context.Context, began time.Time) (found map[string]execution, others int, err error) {
	found = make(map[string]execution, r.plan.Users)
	pages := sfn.NewListExecutionsPaginator(sfn.NewFromConfig(r.aws.Config()),
		&sfn.ListExecutionsInput{StateMachineArn: &r.aws.Stack.StateMachineARN, MaxResults: 1000})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, 0, fmt.Errorf("list executions: %w", err)
		}
		for _, e := range page.Executions {
			if r.ledger.bySub[*e.Name] == nil {
				if e.StartDate.After(began) {
					others++
				}
				continue
			}
			ended, err := r.howItEnded(ctx, e)
			if err != nil {
				return nil, 0, err
			}
			found[*e.Name] = execution{aws.ToTime(e.StopDate).Sub(*e.StartDate), ended}
		}
	}
	return found, others, nil
}

// succeeded is how an execution should end.
const succeeded = string(types.ExecutionStatusSucceeded)

func (r *run) howItEnded(ctx context.Context, e types.ExecutionListItem) (string, error) {
	if e.Status != types.ExecutionStatusFailed {
		return string(e.Status), nil
	}
	out, err := sfn.NewFromConfig(r.aws.Config()).DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: e.ExecutionArn})
	if err != nil {
		return "", fmt.Errorf("describe an execution: %w", err)
	}
	return cmp.Or(aws.ToString(out.Error), string(e.Status)), nil
}

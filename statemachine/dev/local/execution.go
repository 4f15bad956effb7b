package local

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// Execution is an execution that has ended.
type Execution struct {
	Status types.ExecutionStatus
	// Error and Cause say why it failed; empty when it succeeded.
	Error, Cause  string
	Input, Output string
	// Attempts are the attempts of all states, in order.
	Attempts []Attempt
	History  []types.HistoryEvent
}

// Attempt is one attempt of a Task state.
type Attempt struct {
	State string
	// Number counts the attempts of the state from 1.
	Number     int
	Start, End time.Time
	// Error is the error's name; empty when the attempt succeeded.
	Error string
}

// Path returns the states in the order in which they were entered.
func (e Execution) Path() []string {
	var path []string
	for _, a := range e.Attempts {
		if a.Number == 1 {
			path = append(path, a.State)
		}
	}
	return path
}

// ExecutionARN returns the ARN of the execution with that name.
func (a *AWS) ExecutionARN(name string) string {
	return strings.Replace(a.Stack.StateMachineARN, ":stateMachine:", ":execution:", 1) + ":" + name
}

// WaitExecution waits until the execution with that name has ended.
func (a *AWS) WaitExecution(ctx context.Context, name string) (Execution, error) {
	return a.waitExecution(ctx, a.ExecutionARN(name))
}

// WaitStarted waits as WaitExecution does, and before that for the start, which may be
// deferred.
func (a *AWS) WaitStarted(ctx context.Context, name string) (execution Execution, err error) {
	waited := eventually(ctx, func() (bool, error) {
		execution, err = a.WaitExecution(ctx, name)
		_, missing := errors.AsType[*types.ExecutionDoesNotExist](err)
		return !missing, nil
	})
	return execution, errors.Join(err, waited)
}

func (a *AWS) waitExecution(ctx context.Context, arn string) (Execution, error) {
	client := sfn.NewFromConfig(a.Config())
	var out *sfn.DescribeExecutionOutput
	err := eventually(ctx, func() (bool, error) {
		var err error
		out, err = client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		if err != nil {
			return false, fmt.Errorf("describe execution: %w", err)
		}
		return out.Status != types.ExecutionStatusRunning, nil
	})
	if err != nil {
		return Execution{}, fmt.Errorf("wait for execution %s: %w", arn, err)
	}
	history, err := History(ctx, client, arn)
	if err != nil {
		return Execution{}, err
	}
	execution := Execution{
		Status: out.Status, Input: aws.ToString(out.Input), Output: aws.ToString(out.Output),
		Attempts: attempts(history), History: history,
	}
	// DescribeExecution of Step Functions Local gives neither error nor cause.
	if last := history[len(history)-1]; last.ExecutionFailedEventDetails != nil {
		execution.Error = aws.ToString(last.ExecutionFailedEventDetails.Error)
		execution.Cause = aws.ToString(last.ExecutionFailedEventDetails.Cause)
	}
	return execution, nil
}

// Executions returns the names of all executions of the state machine.
func (a *AWS) Executions(ctx context.Context) ([]string, error) {
	pages := sfn.NewListExecutionsPaginator(sfn.NewFromConfig(a.Config()),
		&sfn.ListExecutionsInput{StateMachineArn: &a.Stack.StateMachineARN})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list executions: %w", err)
		}
		for _, e := range page.Executions {
			names = append(names, *e.Name)
		}
	}
	return names, nil
}

// History returns the events of an execution, in order.
func History(ctx context.Context, client *sfn.Client, arn string) ([]types.HistoryEvent, error) {
	pages := sfn.NewGetExecutionHistoryPaginator(client, &sfn.GetExecutionHistoryInput{
		ExecutionArn: &arn, IncludeExecutionData: aws.Bool(true),
	})
	var events []types.HistoryEvent
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("get execution history: %w", err)
		}
		events = append(events, page.Events...)
	}
	return events, nil
}

func attempts(history []types.HistoryEvent) []Attempt {
	var list []Attempt
	var state string
	var number int
	end := func(at *time.Time, errorName *string) {
		list[len(list)-1].End, list[len(list)-1].Error = *at, aws.ToString(errorName)
	}
	for _, e := range history {
		switch e.Type {
		case types.HistoryEventTypeTaskStateEntered:
			state, number = *e.StateEnteredEventDetails.Name, 0
		case types.HistoryEventTypeTaskScheduled:
			number++
			list = append(list, Attempt{State: state, Number: number, Start: *e.Timestamp})
		case types.HistoryEventTypeTaskSucceeded:
			end(e.Timestamp, nil)
		case types.HistoryEventTypeTaskFailed:
			end(e.Timestamp, e.TaskFailedEventDetails.Error)
		case types.HistoryEventTypeTaskSubmitFailed: // what Step Functions Local calls it
			end(e.Timestamp, e.TaskSubmitFailedEventDetails.Error)
		case types.HistoryEventTypeTaskTimedOut:
			end(e.Timestamp, e.TaskTimedOutEventDetails.Error)
		}
	}
	return list
}

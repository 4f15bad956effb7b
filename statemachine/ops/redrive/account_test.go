package redrive

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// account has executions of which each stopped with an error of its own at the
// state that its name begins with.
type account struct {
	mu         sync.Mutex
	executions map[string]*sfn.DescribeExecutionOutput // by ARN
	tokens     map[string]string                       // by name
	fail       map[string]error                        // redrives, by name
	unread     map[string]error                        // descriptions, by name
	described  []string                                // names
}

func newAccount(names ...string) *account {
	a := &account{executions: map[string]*sfn.DescribeExecutionOutput{}, tokens: map[string]string{}, fail: map[string]error{}, unread: map[string]error{}}
	for _, name := range names {
		arn := execution.ARN(opstest.MachineARN, name)
		a.executions[arn] = &sfn.DescribeExecutionOutput{
			ExecutionArn: &arn, Name: aws.String(name), Status: types.ExecutionStatusFailed,
			Error: aws.String("ConfigurationError"), Cause: aws.String(`{"errorMessage":"planted"}`), StopDate: aws.Time(opstest.Now.Add(-time.Hour)),
			RedriveCount: aws.Int32(0), RedriveStatus: types.ExecutionRedriveStatusRedrivable,
			Input: aws.String(`{"username":"jane@example.com"}`),
		}
	}
	return a
}

func (a *account) get(name string) *sfn.DescribeExecutionOutput {
	return a.executions[execution.ARN(opstest.MachineARN, name)]
}

func (a *account) api() stepFunctions {
	return stepFunctions{redriveFunc: a.redrive, describeFunc: a.describe, historyFunc: a.history, listFunc: a.list, machineFunc: machine}
}

func (a *account) redrive(in *sfn.RedriveExecutionInput) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	name := execution.Name(*in.ExecutionArn)
	if err := a.fail[name]; err != nil {
		return err
	}
	a.tokens[name] = *in.ClientToken
	a.executions[*in.ExecutionArn].Status = types.ExecutionStatusRunning
	return nil
}

func (a *account) describe(in *sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name := execution.Name(*in.ExecutionArn)
	if err := a.unread[name]; err != nil {
		return nil, err
	}
	a.described = append(a.described, name)
	out := a.executions[*in.ExecutionArn]
	if out == nil {
		return nil, &types.ExecutionDoesNotExist{}
	}
	described := *out
	return &described, nil
}

// history puts the entry of the state on the second page.
func (a *account) history(in *sfn.GetExecutionHistoryInput) (*sfn.GetExecutionHistoryOutput, error) {
	if !in.ReverseOrder {
		return nil, errors.New("the history is read from its beginning")
	}
	if in.NextToken == nil {
		return &sfn.GetExecutionHistoryOutput{Events: []types.HistoryEvent{
			{Type: types.HistoryEventTypeExecutionTimedOut, ExecutionTimedOutEventDetails: &types.ExecutionTimedOutEventDetails{Error: aws.String("States.Timeout")}},
		}, NextToken: aws.String("more")}, nil
	}
	state, _, _ := strings.Cut(execution.Name(*in.ExecutionArn), "-")
	return &sfn.GetExecutionHistoryOutput{Events: []types.HistoryEvent{
		{Type: types.HistoryEventTypeTaskStateEntered, StateEnteredEventDetails: &types.StateEnteredEventDetails{Name: &state}},
		{Type: types.HistoryEventTypeTaskStateEntered, StateEnteredEventDetails: &types.StateEnteredEventDetails{Name: aws.String("Earlier")}},
	}}, nil
}

func (a *account) list(in *sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
	out := new(sfn.ListExecutionsOutput)
	for arn, x := range a.executions {
		if x.Status == in.StatusFilter {
			out.Executions = append(out.Executions, types.ExecutionListItem{ExecutionArn: aws.String(arn), StopDate: x.StopDate})
		}
	}
	return out, nil
}

func machine() string { return `{"States":{"A":{},"B":{}}}` }

type (
	machineFunc  func() string
	redriveFunc  func(*sfn.RedriveExecutionInput) error
	describeFunc func(*sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error)
	historyFunc  func(*sfn.GetExecutionHistoryInput) (*sfn.GetExecutionHistoryOutput, error)
	listFunc     func(*sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error)
)

func (f redriveFunc) RedriveExecution(_ context.Context, in *sfn.RedriveExecutionInput, _ ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error) {
	return &sfn.RedriveExecutionOutput{}, f(in)
}

func (f describeFunc) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	return f(in)
}

func (f historyFunc) GetExecutionHistory(_ context.Context, in *sfn.GetExecutionHistoryInput, _ ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error) {
	return f(in)
}

func (f listFunc) ListExecutions(_ context.Context, in *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	return f(in)
}

func (f machineFunc) DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	return &sfn.DescribeStateMachineOutput{Definition: aws.String(f())}, nil
}

// stepFunctions is made of those calls that a test expects.
type stepFunctions struct {
	redriveFunc
	describeFunc
	historyFunc
	listFunc
	machineFunc
}

package redrive

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/progress"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// stopStatuses are those of executions that did not succeed.
var stopStatuses = []types.ExecutionStatus{types.ExecutionStatusFailed, types.ExecutionStatusTimedOut, types.ExecutionStatusAborted}

// stopped is an execution that stopped before its end.
type stopped struct {
	ARN    string                `json:"arn"`
	Name   string                `json:"name"`
	Status types.ExecutionStatus `json:"status"`
	// State is the one that was entered last, and Error the error's name; either
	// may be empty.
	State        string    `json:"state"`
	Error        string    `json:"error"`
	StopDate     time.Time `json:"stopDate,omitzero"`
	RedriveCount int32     `json:"redriveCount"`
	// NotRedrivable is Step Functions' reason why it cannot be redriven; empty if
	// it can.
	NotRedrivable string `json:"notRedrivable,omitempty"`
	Username      string `json:"username,omitempty"`
	Result        result `json:"result,omitempty"`
	Detail        string `json:"detail,omitempty"`
}

// finder finds executions that stopped.
type finder struct {
	api                     executionsAPI
	list, describe, history *pace.Pace
	showUsernames           bool
}

func newFinder(api executionsAPI, readRate float64, showUsernames bool) *finder {
	return &finder{
		api:           api,
		list:          pace.New(pace.ListExecutionsRate, pace.ListExecutionsBurst),
		describe:      pace.New(readRate, pace.DescribeExecutionBurst),
		history:       pace.New(readRate, pace.ExecutionHistoryBurst),
		showUsernames: showUsernames,
	}
}

// arns returns the ARNs of the state machine's executions that stopped since then.
func (f *finder) arns(ctx context.Context, stateMachineARN string, since time.Time) ([]string, error) {
	var arns []string
	for _, status := range stopStatuses {
		pages := sfn.NewListExecutionsPaginator(f.api, &sfn.ListExecutionsInput{
			StateMachineArn: &stateMachineARN, StatusFilter: status, MaxResults: 1000,
		})
		for pages.HasMorePages() {
			page, err := pace.Next(ctx, f.list, "list executions", pages.NextPage)
			if err != nil {
				return nil, err
			}
			for _, e := range page.Executions {
				if e.StopDate == nil || !e.StopDate.Before(since) {
					arns = append(arns, *e.ExecutionArn)
				}
			}
		}
	}
	return arns, nil
}

// lookAt returns what there is to know of each execution, in the same order. It
// fails if it cannot for one of them.
func (f *finder) lookAt(ctx context.Context, arns []string, shown *progress.Progress) ([]*stopped, error) {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	found := make([]*stopped, len(arns))
	indexes := make(chan int)
	go func() {
		defer close(indexes)
		for i := range arns {
			indexes <- i
		}
	}()
	pace.Each(indexes, func(i int) {
		x, err := f.look(ctx, arns[i])
		if err != nil {
			giveUp(err)
		}
		found[i] = x
		shown.Add(1)
	})
	return found, session.Ended(ctx)
}

func (f *finder) look(ctx context.Context, arn string) (*stopped, error) {
	var out *sfn.DescribeExecutionOutput
	err := f.describe.Do(ctx, func() (err error) {
		out, err = f.api.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("describe execution %s: %w", nameOf(arn), err)
	}
	x := &stopped{
		ARN: arn, Name: nameOf(arn), Status: out.Status, Error: aws.ToString(out.Error),
		StopDate: aws.ToTime(out.StopDate), RedriveCount: aws.ToInt32(out.RedriveCount),
	}
	if out.RedriveStatus == types.ExecutionRedriveStatusNotRedrivable {
		x.NotRedrivable = aws.ToString(out.RedriveStatusReason)
		if x.NotRedrivable == "" {
			x.NotRedrivable = "Step Functions gives no reason"
		}
	}
	if f.showUsernames {
		var in statemachine.Input
		if json.Unmarshal([]byte(aws.ToString(out.Input)), &in) == nil {
			x.Username = in.Username
		}
	}
	return x, f.findState(ctx, x)
}

// findState reads the history from its end until it finds where the execution
// stopped. A state that was retried often has many events, so that may take some
// pages; a redriven one need not be entered again.
func (f *finder) findState(ctx context.Context, x *stopped) error {
	pages := sfn.NewGetExecutionHistoryPaginator(f.api, &sfn.GetExecutionHistoryInput{
		ExecutionArn: &x.ARN, ReverseOrder: true, MaxResults: 100, IncludeExecutionData: aws.Bool(false),
	})
	for pages.HasMorePages() {
		page, err := pace.Next(ctx, f.history, "history of execution "+x.Name, pages.NextPage)
		if err != nil || x.read(page.Events) {
			return err
		}
	}
	return nil
}

// read takes what events tell, the last one first, and reports whether that was
// all.
func (x *stopped) read(events []types.HistoryEvent) bool {
	for _, e := range events {
		if e.ExecutionTimedOutEventDetails != nil && x.Error == "" {
			x.Error = aws.ToString(e.ExecutionTimedOutEventDetails.Error)
		}
		if e.StateEnteredEventDetails != nil {
			x.State = aws.ToString(e.StateEnteredEventDetails.Name)
			return true
		}
	}
	return false
}

// hasStopped reports whether the execution is still as the list had it: another
// operator may have redriven it meanwhile.
func (x *stopped) hasStopped() bool {
	return x.Status != types.ExecutionStatusRunning && x.Status != types.ExecutionStatusSucceeded
}

func nameOf(executionARN string) string {
	return executionARN[strings.LastIndexByte(executionARN, ':')+1:]
}

// executionARN returns the ARN of an execution by its name; a name that is an ARN
// is one already.
func executionARN(stateMachineARN, name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return strings.Replace(stateMachineARN, ":stateMachine:", ":execution:", 1) + ":" + name
}

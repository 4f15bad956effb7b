// Package execution reads how an execution stands, and where and why it stopped.
package execution

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/pace"
)

// Execution is what there is to know of an execution.
type Execution struct {
	ARN    string                `json:"arn"`
	Name   string                `json:"name"`
	Status types.ExecutionStatus `json:"status"`
	// State is the one that was entered last, and Error the error's name; either
	// may be empty. Of an execution that succeeded both are.
	State string `json:"state"`
	Error string `json:"error"`
	// Cause is the first line of what the error says, without what differs from one
	// execution to the next.
	Cause        string    `json:"cause,omitempty"`
	StartDate    time.Time `json:"startDate,omitzero"`
	StopDate     time.Time `json:"stopDate,omitzero"`
	RedriveCount int32     `json:"redriveCount"`
	// NotRedrivable is Step Functions' reason why it cannot be redriven; empty if
	// it can.
	NotRedrivable string `json:"notRedrivable,omitempty"`
	Input         string `json:"-"`
}

// Stopped reports whether the execution stopped before its end.
func (e Execution) Stopped() bool {
	switch e.Status {
	case types.ExecutionStatusFailed, types.ExecutionStatusTimedOut, types.ExecutionStatusAborted:
		return true
	}
	return false
}

// ErrorForgotten is the error of an execution that was stopped because its user is
// forgotten.
const ErrorForgotten = "UserForgotten"

// DescribeAPI is the part of Step Functions' API that describes an execution.
type DescribeAPI interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

// API is the part of Step Functions' API that a Reader needs.
type API interface {
	DescribeAPI
	sfn.GetExecutionHistoryAPIClient
}

// Reader reads executions.
type Reader struct {
	API               API
	Describe, History *pace.Pace
}

// NewReader returns a reader of so many executions a second.
func NewReader(api API, rate float64) Reader {
	return Reader{
		API:      api,
		Describe: pace.New(rate, pace.DescribeExecutionBurst),
		History:  pace.New(rate, pace.ExecutionHistoryBurst),
	}
}

// Read returns what there is to know of the execution.
func (r Reader) Read(ctx context.Context, arn string) (Execution, error) {
	var out *sfn.DescribeExecutionOutput
	err := r.Describe.Do(ctx, func() (err error) {
		out, err = r.API.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		return err
	})
	e := Execution{ARN: arn, Name: Name(arn)}
	if err != nil {
		return e, fmt.Errorf("describe execution %s: %w", e.Name, err)
	}
	e.Status, e.Error, e.Cause = out.Status, aws.ToString(out.Error), causeLine(aws.ToString(out.Cause))
	e.StartDate, e.StopDate = aws.ToTime(out.StartDate), aws.ToTime(out.StopDate)
	e.RedriveCount, e.Input = aws.ToInt32(out.RedriveCount), aws.ToString(out.Input)
	if out.RedriveStatus == types.ExecutionRedriveStatusNotRedrivable {
		e.NotRedrivable = aws.ToString(out.RedriveStatusReason)
		if e.NotRedrivable == "" {
			e.NotRedrivable = "Step Functions gives no reason"
		}
	}
	if e.Status == types.ExecutionStatusSucceeded {
		return e, nil
	}
	return e, r.findState(ctx, &e)
}

// findState reads the history from its end until it finds where the execution
// stopped. A state that was retried often has many events, so that may take some
// pages; a redriven one need not be entered again.
func (r Reader) findState(ctx context.Context, e *Execution) error {
	pages := sfn.NewGetExecutionHistoryPaginator(r.API, &sfn.GetExecutionHistoryInput{
		ExecutionArn: &e.ARN, ReverseOrder: true, MaxResults: 100, IncludeExecutionData: aws.Bool(false),
	})
	for pages.HasMorePages() {
		page, err := pace.Next(ctx, r.History, "history of execution "+e.Name, pages.NextPage)
		if err != nil || e.read(page.Events) {
			return err
		}
	}
	return nil
}

// read takes what events tell, the last one first, and reports whether that was
// all.
func (e *Execution) read(events []types.HistoryEvent) bool {
	for _, event := range events {
		if event.ExecutionTimedOutEventDetails != nil && e.Error == "" {
			e.Error = aws.ToString(event.ExecutionTimedOutEventDetails.Error)
		}
		if event.StateEnteredEventDetails != nil {
			e.State = aws.ToString(event.StateEnteredEventDetails.Name)
			return true
		}
	}
	return false
}

// Name returns the name of an execution.
func Name(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// ARN returns the ARN of an execution by its name; a name that is an ARN is one
// already.
func ARN(stateMachineARN, name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return strings.Replace(stateMachineARN, ":stateMachine:", ":execution:", 1) + ":" + name
}

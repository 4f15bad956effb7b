package feed

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// progress is how far an execution is.
type progress struct {
	arn  string
	told int  // events of the history that were read
	over bool // it has ended

	began   time.Time
	state   string
	attempt int
	// scheduled is when the attempt began.
	scheduled time.Time
}

// next returns what an event of the history tells; nil if that is nothing.
func (p *progress) next(e types.HistoryEvent) *Event {
	at := aws.ToTime(e.Timestamp)
	event := Event{Time: at, ARN: p.arn, Execution: p.arn[strings.LastIndex(p.arn, ":")+1:]}
	switch e.Type {
	case types.HistoryEventTypeExecutionStarted:
		p.began, event.Kind = at, Started
		return &event
	case types.HistoryEventTypeExecutionRedriven:
		// The state goes on, and is not entered again.
		p.began, p.over, p.attempt, event.Kind = at, false, 0, Redriven
		return &event
	case types.HistoryEventTypeTaskStateEntered:
		p.state, p.attempt = aws.ToString(e.StateEnteredEventDetails.Name), 0
		return nil
	case types.HistoryEventTypeTaskScheduled:
		p.attempt++
		p.scheduled, event.Kind = at, AttemptStarted
	case types.HistoryEventTypeTaskSucceeded:
		event.Kind, event.Result = AttemptSucceeded, payload(e.TaskSucceededEventDetails)
	default:
		return p.ended(e, event)
	}
	event.State, event.Attempt = p.state, p.attempt
	if event.Kind != AttemptStarted {
		event.Duration = at.Sub(p.scheduled)
	}
	return &event
}

// ended is next for what ends an attempt or the execution.
func (p *progress) ended(e types.HistoryEvent, event Event) *Event {
	var errorName, cause *string
	switch {
	case e.TaskFailedEventDetails != nil:
		event.Kind, errorName, cause = AttemptFailed, e.TaskFailedEventDetails.Error, e.TaskFailedEventDetails.Cause
	case e.TaskSubmitFailedEventDetails != nil:
		event.Kind, errorName, cause = AttemptFailed, e.TaskSubmitFailedEventDetails.Error, e.TaskSubmitFailedEventDetails.Cause
	case e.TaskTimedOutEventDetails != nil:
		event.Kind, errorName, cause = AttemptFailed, e.TaskTimedOutEventDetails.Error, e.TaskTimedOutEventDetails.Cause
	case e.ExecutionFailedEventDetails != nil:
		event.Kind, errorName, cause = Ended, e.ExecutionFailedEventDetails.Error, e.ExecutionFailedEventDetails.Cause
	default:
		status, found := statuses[e.Type]
		if !found {
			return nil
		}
		event.Kind, event.Status = Ended, string(status)
	}
	event.Error, event.Message = aws.ToString(errorName), message(aws.ToString(cause))
	if event.Kind == Ended {
		p.over = true
		event.State, event.Duration = p.state, event.Time.Sub(p.began)
		event.Status = cmp.Or(event.Status, string(types.ExecutionStatusFailed))
		return &event
	}
	event.State, event.Attempt, event.Duration = p.state, p.attempt, event.Time.Sub(p.scheduled)
	return &event
}

var statuses = map[types.HistoryEventType]types.ExecutionStatus{
	types.HistoryEventTypeExecutionSucceeded: types.ExecutionStatusSucceeded,
	types.HistoryEventTypeExecutionAborted:   types.ExecutionStatusAborted,
	types.HistoryEventTypeExecutionTimedOut:  types.ExecutionStatusTimedOut,
}

// payload returns what a function answered, out of what lambda:invoke answers.
func payload(details *types.TaskSucceededEventDetails) json.RawMessage {
	var output struct{ Payload json.RawMessage }
	if details == nil || json.Unmarshal([]byte(aws.ToString(details.Output)), &output) != nil {
		return nil
	}
	return output.Payload
}

// message returns the function's message, out of the cause of a failure.
func message(cause string) string {
	var failure struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(cause), &failure) != nil || failure.ErrorMessage == "" {
		return cause
	}
	return failure.ErrorMessage
}

// OfHistory returns what the history of an execution tells, without IDs.
func OfHistory(arn string, history []types.HistoryEvent) []Event {
	p := &progress{arn: arn}
	var events []Event
	for _, e := range history {
		if event := p.next(e); event != nil {
			events = append(events, *event)
		}
	}
	return events
}

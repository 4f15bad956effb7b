package statemachine

import (
	"errors"
	"time"
)

// Task is what the state machine hands to the function of every Task state.
type Task struct {
	State State `json:"state"`
	// ExecutionName is the user's sub, or its stand-in: see Input.ExecutionName.
	// Logs carry it, so that one search finds all that was done for a user.
	ExecutionName string `json:"executionName"`
	// StartTime is when the execution started: milliseconds after the user was
	// confirmed, unless Cognito or the start was delayed.
	StartTime time.Time `json:"startTime"`
	// RetryCount is how often this state was retried before; 0 on the first
	// attempt, and again after a redrive.
	RetryCount int `json:"retryCount"`
}

// State is the state of an execution: its input, and the result of each step
// that has ended.
type State struct {
	Input

	Group     *GroupResult     `json:"group,omitempty"`
	Profile   *ProfileResult   `json:"profile,omitempty"`
	Email     *EmailResult     `json:"email,omitempty"`
	Analytics *AnalyticsResult `json:"analytics,omitempty"`
}

// Validate reports what is missing in a task that no step could work without.
// A task that the trigger and the definition made has it all.
func (t Task) Validate() error {
	switch {
	case t.State.UserPoolID == "":
		return errors.New("task has no state.userPoolId")
	case t.State.Username == "":
		return errors.New("task has no state.username")
	case t.ExecutionName == "":
		return errors.New("task has no executionName")
	}
	return nil
}

// Status says how a step ended.
type Status string

// The statuses of a step that ended well. A step that did not returns an error.
const (
	// StatusDone: the step had its effect, now or on an earlier attempt.
	StatusDone Status = "done"
	// StatusSkipped: there was nothing to do, and nobody could change that.
	StatusSkipped Status = "skipped"
)

// Reason says why a step was skipped; it is empty when the step was done.
type Reason string

// The reasons for skipping a step.
const (
	ReasonUserNotFound    Reason = "user not found"
	ReasonNoAddress       Reason = "no mail address"
	ReasonUnverified      Reason = "mail address not verified"
	ReasonAddressRejected Reason = "mail address rejected as malformed"
	// ReasonDeliveryUnknown: an earlier attempt may have sent the mail, so it is
	// not sent again.
	ReasonDeliveryUnknown Reason = "delivery unknown"
)

// Outcome is the part that the results of all steps have in common.
type Outcome struct {
	Status Status `json:"status"`
	Reason Reason `json:"reason"`
}

// Done is the outcome of a step that had its effect.
func Done() Outcome { return Outcome{Status: StatusDone} }

// Skipped is the outcome of a step that had nothing to do, for that reason.
func Skipped(why Reason) Outcome { return Outcome{Status: StatusSkipped, Reason: why} }

// End says how a step ended; every result has it.
func (o Outcome) End() Outcome { return o }

// GroupResult is the result of AddUserToGroup.
type GroupResult struct {
	Outcome

	// Groups are the groups that the user was put in.
	Groups []string `json:"groups"`
}

// ProfileResult is the result of SaveProfile. The profile itself stays in its table.
type ProfileResult struct {
	Outcome
}

// EmailResult is the result of SendWelcomeEmail.
type EmailResult struct {
	Outcome

	// MessageID is the ID that SES gave the mail; empty when none was sent.
	MessageID string `json:"messageId"`
}

// AnalyticsResult is the result of RecordAnalytics.
type AnalyticsResult struct {
	Outcome

	// EventID is the ID that EventBridge gave the event.
	EventID string `json:"eventId"`
}

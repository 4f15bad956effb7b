package statemachine

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// Task is what the state machine hands to the function of every Task state.
type Task struct {
	State State `json:"state"`
	// ExecutionName begins with Input.UserKey. Logs carry it, so that one search
	// finds all that was done for a user.
	ExecutionName string `json:"executionName"`
	// StartTime is when the execution started: milliseconds after the user was
	// confirmed, unless Cognito or the start was delayed.
	StartTime time.Time `json:"startTime"`
	// RetryCount is how often this state was retried before; 0 on the first
	// attempt, and again after a redrive.
	RetryCount int `json:"retryCount"`
}

// State is the state of an execution: its input, and beside the input's members the
// result of each step that has ended. It is only read from JSON, never written: the
// definition adds the results.
type State struct {
	Input

	// Results are the results by the names that the definition gives them: the one
	// of the ResultPath "$.group" is called group. None holds personal data.
	Results map[string]json.RawMessage `json:"-"`
}

// UnmarshalJSON takes every member that is not the input's for a result.
func (s *State) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &s.Input); err != nil {
		return err //nolint:wrapcheck // aws-lambda-go reports its type
	}
	if err := json.Unmarshal(data, &s.Results); err != nil {
		return err //nolint:wrapcheck // likewise
	}
	for field := range reflect.TypeFor[Input]().Fields() {
		delete(s.Results, field.Tag.Get("json"))
	}
	return nil
}

// Result reads the result of that name into a value, which stays as it is when no
// step has had such a result.
func (s State) Result(name string, into any) error {
	result, ok := s.Results[name]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(result, into); err != nil {
		return fmt.Errorf("result %s: %w", name, err)
	}
	return nil
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
	// StatusSkipped: there was nothing to do, for good or until a Condition is true.
	StatusSkipped Status = "skipped"
)

// Reason says why a step was skipped; it is empty when the step was done. The reasons
// are constants of the steps, so none can be personal data.
type Reason string

// Condition is what must come true for a skipped step to have something to do. The
// sweep looks for it, and then starts the user's onboarding again.
type Condition string

// The conditions.
const (
	// UntilFound: Cognito lists the user.
	UntilFound Condition = "user found"
	// UntilVerified: the user has a mail address, and it is verified.
	UntilVerified Condition = "mail address verified"
)

// Outcome is the part that the results of all steps have in common.
type Outcome struct {
	Status Status `json:"status"`
	Reason Reason `json:"reason"`
	// Until is kept in the user's record only. A step that was skipped without one
	// stays so.
	Until Condition `json:"-"`
}

// Done is the outcome of a step that had its effect.
func Done() Outcome { return Outcome{Status: StatusDone} }

// Skipped is the outcome of a step that had nothing to do, for that reason.
func Skipped(why Reason) Outcome { return Outcome{Status: StatusSkipped, Reason: why} }

// SkippedUntil is the outcome of a step that has nothing to do before the condition
// is true.
func SkippedUntil(until Condition, why Reason) Outcome {
	return Outcome{Status: StatusSkipped, Reason: why, Until: until}
}

// End says how a step ended; every result has it, by embedding Outcome.
func (o Outcome) End() Outcome { return o }

package start

import (
	"fmt"
	"time"

	"example.com/onboarding/statemachine"
)

// The causes for which a user's onboarding is started again: see Again. Whoever finds
// the same cause starts the execution of the same name.

// CauseStopped is that an execution stopped then, and cannot be redriven any more.
func CauseStopped(execution string, at time.Time) string {
	return fmt.Sprintf("%s stopped, %s", execution, at.UTC().Format(time.RFC3339Nano))
}

// CauseSkipped is that a step was skipped then, for a reason that has passed.
func CauseSkipped(state string, why statemachine.Reason, at time.Time) string {
	return fmt.Sprintf("%s skipped, %s, %s", state, why, at.UTC().Format(time.RFC3339Nano))
}

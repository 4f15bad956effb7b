package start

// The causes for which a user's onboarding is started again: see Again. Whoever finds
// the same cause starts the execution of the same name.

// CauseStopped is that an execution stopped and cannot be redriven any more.
func CauseStopped(execution string) string { return "stopped " + execution }

// CauseSkipped is that the condition has come true until which a step was skipped, in
// that execution.
func CauseSkipped(state, execution string) string { return "skipped " + state + " in " + execution }

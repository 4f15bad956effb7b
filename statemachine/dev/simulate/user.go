package main

import "time"

// user is someone who signs up, and the execution for that.
type user struct {
	confirmed, grouped, mailed time.Duration
	// sent is when the user's message was last sent to a queue.
	sent time.Duration
	// transitions are the state transitions, retries among them; again is how
	// often a message came again.
	transitions, again uint16
	// retries are those of the state the execution is in, by retrier.
	retries [maxRetriers]uint16
	phase   phase
	stage   int8 // the state, by its place in the path
	call    int8 // the call of the function that comes next
	attempt int8 // of that call
	// invoked says that Lambda runs a function for this user alone.
	invoked bool
}

// retried is how often the state was retried, whatever for: Step Functions'
// RetryCount.
func (u *user) retried() int {
	n := 0
	for _, r := range u.retries {
		n += int(r)
	}
	return n
}

// phase says what happens to a user next.
type phase uint8

const (
	coming     phase = iota // the user has yet to confirm
	starting                // the trigger calls StartExecution
	deferring               // the start is sent to the queue of deferred starts
	entering                // the execution enters a state, or retries it
	invoking                // the state's function is invoked, or its message sent
	calling                 // the function makes its next call
	ending                  // the function ends well
	throttled               // the function ends with an error
	overQuota               // the function ends with the error for a day's quota
	lining                  // the user's message reaches the queue
	waiting                 // it is in the queue
	onboarded               // the execution has succeeded
	stopped                 // the execution has failed: to be redriven
	turnedAway              // Lambda had no room for the trigger: to be backfilled
)

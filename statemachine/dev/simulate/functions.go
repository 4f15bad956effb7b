package main

import (
	"fmt"
	"time"
)

// The states whose ends are counted, and the errors that the steps return.
const (
	groupState = "AddUserToGroup"
	mailState  = "SendWelcomeEmail"

	throttledError = "ThrottledError"
	// quotaError is what a step returns when the quota of a day is used up, and
	// after statemachine.ThrottledRetries.
	quotaError = "QuotaExceededError"
	// lambdaThrottled is Step Functions' name for a Lambda that has no room.
	lambdaThrottled = "Lambda.TooManyRequestsException"
)

// call is an AWS call that a function makes.
type call struct {
	limit *bucket
	daily *window
	// undo is how many calls the function makes when this one was refused.
	undo int
}

// functions returns the calls that the function of each state makes, in their order:
// what steps/*/ do for a user who has an address, in a stack without group rules.
// The quotas of DynamoDB and EventBridge are never reached here.
func functions(a account) map[string][]call {
	read := call{limit: newBucket(userReads)}
	var put, update, events call
	return map[string][]call{
		groupState:    {{limit: newBucket(groupChanges)}},
		"SaveProfile": {read, update},
		// The delivery record is put before and updated after; a refused mail's
		// is deleted.
		mailState: {
			read, put,
			{limit: newBucket(a.mails), daily: newWindow(a.mailsADay), undo: 1},
			update,
		},
		"RecordAnalytics": {events},
	}
}

// stage is a state of the definition, with what its function does.
type stage struct {
	step
	calls []call
	// delays are the longest delays before each retry, by retrier.
	delays [maxRetriers][]time.Duration
	// The retriers of the errors that happen here, or -1.
	onThrottle, onQuota, onLambda int
	// line is the queue in front of the function; nil without one.
	line *line
}

func newStages(steps []step, a account) ([]*stage, error) {
	calls := functions(a)
	stages := make([]*stage, 0, len(steps))
	for _, st := range steps {
		if calls[st.name] == nil {
			return nil, fmt.Errorf("it is not known what the function of the state %s does", st.name)
		}
		s := &stage{
			step: st, calls: calls[st.name],
			onThrottle: st.retrierOf(throttledError), onQuota: st.retrierOf(quotaError), onLambda: st.retrierOf(lambdaThrottled),
		}
		for i, r := range st.retriers {
			s.delays[i] = delays(r)
		}
		stages = append(stages, s)
	}
	return stages, nil
}

// duration is how long the function takes when nothing is refused.
func (s *stage) duration() time.Duration { return time.Duration(len(s.calls)) * callTime }

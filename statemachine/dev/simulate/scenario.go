package main

import "time"

// scenario is a burst of sign-ups, and the account that it meets.
type scenario struct {
	name  string
	users int
	// span is the time in which the users come, evenly but at random; 0 if all
	// come at once. Cognito confirms no more than its quota allows.
	span    time.Duration
	account account
	goal    *goal
	// every is the time between the points of the series; 0 for none.
	every time.Duration
}

// goal is what a burst must not exceed.
type goal struct {
	// ofLimit is how long it may take until the last user is mailed, as a
	// multiple of the physical limit.
	ofLimit float64
	// transitions is how many state transitions a user may take on average; 0 for
	// any number.
	transitions float64
}

// mode says how a state waits for its quota.
type mode struct {
	name string
	// readers is how many functions read the queue in front of a state at once,
	// the MaximumConcurrency of the event source mapping, each a batch at a time;
	// 0 without queues. They keep to the quota's rate together. A message that is
	// throttled stays hidden for a time.
	readers, batch int
	hidden         time.Duration
}

// The modes. In retries the states retry as the definition says. In queue there is a
// queue in front of the states with a quota of their own, whose functions answer the
// execution by a task token: nothing that is built, only to compare.
var (
	retries = mode{name: "retries"}
	queued  = mode{name: "queue", readers: 2, batch: 10, hidden: 30 * time.Second}
)

var modes = []mode{retries, queued}

// retryScenarios are the bursts with which the document compares retries.
func retryScenarios() []scenario { return []scenario{scenarios()[1], scenarios()[2]} }

// scenarios are the bursts of the document.
func scenarios() []scenario {
	return []scenario{
		{name: "1,000 at once", users: 1000, account: grown},
		{name: "10,000 in 5 minutes", users: 10_000, span: 5 * time.Minute, account: grown, goal: &goal{ofLimit: 1.25, transitions: 12}, every: 5 * time.Second},
		{name: "100,000 at once", users: 100_000, account: grown},
		{name: "1,000,000 in a day", users: 1_000_000, span: day, account: grown, goal: &goal{ofLimit: 1.1}},
		{name: "1,000,000 at once", users: 1_000_000, account: grown},
		{name: "1,000,000 in a day, SES 50,000 a day", users: 1_000_000, span: day, account: fresh},
		{name: "2,000 in 10 minutes, SES sandbox", users: 2000, span: 10 * time.Minute, account: sandbox},
		{name: "10,000 in 5 minutes, Lambda 10", users: 10_000, span: 5 * time.Minute, account: small},
	}
}

package main

import "time"

// quota is a limit that AWS publishes.
type quota struct {
	name string
	// perSecond is how many units a second are allowed in the long run.
	perSecond int64
	// burst is how many are allowed at once after a rest. AWS publishes it for
	// Step Functions only; elsewhere one second's worth is assumed.
	burst  int64
	unit   string
	source string
}

// Where the quotas are published.
const (
	cognitoQuotas = "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"
	statesQuotas  = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
	sesQuotas     = "https://docs.aws.amazon.com/ses/latest/dg/quotas.html"
	lambdaQuotas  = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
)

// The quotas that do not depend on the account. Those of Cognito that count here
// cannot be raised, but for that of the reads.
var (
	confirmations = quota{"Cognito confirmations", 50, 50, "confirmations", cognitoQuotas}
	groupChanges  = quota{"Cognito group changes", 25, 25, "calls", cognitoQuotas}
	userReads     = quota{"Cognito AdminGetUser", 120, 120, "calls", cognitoQuotas}
)

// The quotas of Step Functions in us-east-1, us-west-2 and eu-west-1. Other Regions
// allow half as many starts and a sixth of the transitions, which is still more than
// Cognito confirms.
var (
	starts      = quota{"StartExecution", 300, 1300, "calls", statesQuotas}
	transitions = quota{"state transitions", 5000, 5000, "transitions", statesQuotas}
)

// account has the quotas that grow with an account.
type account struct {
	// mails is the sending rate of SES.
	mails quota
	// mailsADay is how many mails SES takes in any 24 hours; 0 if that is more
	// than there are.
	mailsADay int
	// functions is how many invocations Lambda runs at once, whichever function
	// they are of.
	functions int
}

var (
	// grown is an account whose daily quota is never reached.
	grown = account{mails: sesRate(14), functions: 1000}
	// fresh is an account that has just left the sandbox of SES.
	fresh = account{mails: sesRate(14), mailsADay: 50_000, functions: 1000}
	// sandbox is an account that is still in it.
	sandbox = account{mails: sesRate(1), mailsADay: 200, functions: 1000}
	// small is an account to which Lambda gives as little as to a new one.
	small = account{mails: sesRate(14), functions: 10}
)

func sesRate(perSecond int64) quota {
	return quota{"SES sending rate", perSecond, perSecond, "mails", sesQuotas}
}

// What is assumed, because it is not published or depends on the day.
const (
	// callTime is how long an AWS call takes, refused or not. The functions take
	// no other time: cold starts are left out.
	callTime = 15 * time.Millisecond
	// pollTime is how long a message is under way from the queue to a function
	// that waits for it.
	pollTime = 25 * time.Millisecond
)

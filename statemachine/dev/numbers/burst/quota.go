package burst

import "time"

// Quota is a limit of AWS on the rate of an operation.
type Quota struct {
	// Operation is what it limits: service and operation.
	Operation string
	// PerSecond is how many are allowed a second in the long run, and at once after a
	// rest: AWS publishes no other number for these.
	PerSecond int64
	// Source is where AWS publishes it.
	Source string
}

const (
	cognitoQuotas = "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"
	sesQuotas     = "https://docs.aws.amazon.com/ses/latest/dg/quotas.html"
)

// confirm is what the users do.
const confirm = "cognito-idp ConfirmSignUp"

// mail is the operation whose quotas grow with an account.
const mail = "ses SendEmail"

// Quotas are the limits that a burst reaches. Those of Step Functions, DynamoDB and
// EventBridge are far above what Cognito confirms; Cognito's cannot be raised, but for
// that of the reads.
var Quotas = []Quota{
	{confirm, 50, cognitoQuotas},
	{"cognito-idp AdminAddUserToGroup", 25, cognitoQuotas},
	{"cognito-idp AdminGetUser", 120, cognitoQuotas},
	{mail, 14, sesQuotas},
}

// bucket is a token bucket, the way AWS limits rates. It counts in integers, so that
// every machine counts alike.
type bucket struct {
	rate   int64 // tokens a second
	tokens int64 // × second; below zero if some are reserved
	last   time.Duration
	// closed is until when a daily quota is used up.
	closed time.Duration
}

// second is the number of parts in which a bucket counts a token: with a rate of r
// tokens a second, r of them come in a nanosecond.
const second = int64(time.Second)

func newBucket(rate int64) *bucket { return &bucket{rate: rate, tokens: rate * second} }

func (b *bucket) refill(now time.Duration) {
	missing := b.rate*second - b.tokens
	if rest := int64(now - b.last); rest > missing/b.rate {
		b.tokens = b.rate * second
	} else {
		b.tokens += rest * b.rate
	}
	b.last = now
}

// take takes a token if there is one.
func (b *bucket) take(now time.Duration) bool {
	b.refill(now)
	if b.tokens < second {
		return false
	}
	b.tokens -= second
	return true
}

// reserve takes a token that may have yet to come, and returns when it does.
func (b *bucket) reserve(now time.Duration) time.Duration {
	b.refill(now)
	b.tokens -= second
	if b.tokens >= 0 {
		return now
	}
	return now + time.Duration((-b.tokens+b.rate-1)/b.rate)
}

// Package awsconfig makes the AWS configuration of a function ready before its
// first invocation. It does what a function on Lambda needs and no more, because a
// user waits for the cold start of the trigger:
//
//   - [New] takes everything from the variables that Lambda sets. The SDK's config
//     module also reads files, profiles, SSO and the metadata service of EC2, none
//     of which there are, and makes the package a sixth larger: see the SDK's
//     defaults in NUMBERS.md.
//   - [Connect] opens the connections while the function starts, when Lambda gives
//     it a whole CPU. Later a function of 128 MB has 7 % of one, and the first TLS
//     handshake, most of it reading the certificates of the system, takes longer
//     than all the rest of the first invocation.
package awsconfig

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Limits bound what one call may take.
type Limits struct {
	// AttemptTimeout is how long one attempt may take.
	AttemptTimeout time.Duration
	// MaxAttempts is how often a call is attempted, the first time included.
	MaxAttempts int
	// MaxBackoff is the longest wait between two attempts.
	MaxBackoff time.Duration
	// LeaveThrottles makes no second attempt at a call that was throttled: the
	// caller waits longer than a function should, which is paid for the time and
	// takes up concurrency.
	LeaveThrottles bool
}

// New returns the configuration of a function from its environment: AWS_REGION,
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, which Lambda sets
// and which stay as they are for as long as the process lives
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html), and
// AWS_ENDPOINT_URL, for a local AWS. Other variables that the SDK knows, such as
// AWS_USE_FIPS_ENDPOINT or AWS_MAX_ATTEMPTS, are not read.
func New(getenv func(string) string, limits Limits) aws.Config {
	cfg := aws.Config{
		Region: getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")),
		HTTPClient: HTTPClient(limits.AttemptTimeout),
		Retryer:    limits.retryer,
	}
	if endpoint := getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		cfg.BaseEndpoint = &endpoint
	}
	return cfg
}

func (l Limits) retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = l.MaxAttempts
		o.MaxBackoff = l.MaxBackoff
		if l.LeaveThrottles {
			o.Retryables = append([]retry.IsErrorRetryable{noThrottle}, o.Retryables...)
		}
		o.Backoff = reconnecting{retry.NewExponentialJitterBackoff(l.MaxBackoff)}
	})
}

// noThrottle says that a throttle is not to be retried, and nothing of other errors.
var noThrottle = retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
	if retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool() {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
})

// reconnecting does not wait before the second attempt when the first one failed in
// sending: mostly the connection went stale while the function was frozen. net/http
// itself does not repeat a POST.
type reconnecting struct{ retry.BackoffDelayer }

// BackoffDelay implements retry.BackoffDelayer.
func (r reconnecting) BackoffDelay(attempt int, err error) (time.Duration, error) {
	if _, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok && attempt <= 1 {
		return 0, nil
	}
	return r.BackoffDelayer.BackoffDelay(attempt, err) //nolint:wrapcheck // the SDK is both its maker and its reader
}

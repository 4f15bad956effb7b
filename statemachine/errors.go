package statemachine

// The errors that a step returns, named for what is to be done about them.
// aws-lambda-go reports the name of the outermost Go type as errorType, and the
// Retry fields of the definition match that name: so a step returns one of these
// itself, never wrapped in another error.
type (
	// ThrottledError says that a service asked to slow down: more arrives in a
	// second than it takes. The state machine retries it every one and a half
	// minutes on average, sooner in the beginning.
	ThrottledError struct{ Cause }

	// QuotaExceededError says that a quota is used up for hours: the mails that
	// SES takes in 24 hours, or one that has throttled a step for half an hour.
	// The state machine retries it every quarter of an hour on average, for more
	// than 24 hours. Somebody should look whether the quota is large enough.
	QuotaExceededError struct{ Cause }

	// TransientError says that the network or a service failed, or that a call
	// took too long. The state machine retries it for some minutes.
	TransientError struct{ Cause }

	// NotReadyError says that a permission or a resource is missing, which may come
	// of itself: IAM is eventually consistent, and a deployment changes a function
	// and what it needs at different moments
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency).
	// The state machine retries it for some minutes. What is missing then, an
	// operator must mend, and redrive the execution.
	NotReadyError struct{ Cause }

	// UndecidedError says that nobody knows yet whether a call that cannot be repeated
	// had its effect. Its service will tell, or time will: the state machine retries
	// it for longer than that takes.
	UndecidedError struct{ Cause }

	// ConfigurationError says that an operator must act: a sender that is not
	// verified, sending that is paused, rules that are malformed. It is never
	// retried; mend the cause, then redrive the execution.
	ConfigurationError struct{ Cause }

	// UnexpectedError says that something happened that the code does not know:
	// a bug here, or an API that changed. It is never retried.
	UnexpectedError struct{ Cause }
)

// ThrottledRetries is after how many retries of a state its step returns
// QuotaExceededError in the place of ThrottledError. The definition takes half an
// hour for them; what throttles as long may do so for hours, and then each retry
// would cost a state transition every one and a half minutes.
const ThrottledRetries = 20

// Cause is what the errors have in common. Execution history and logs keep
// its text, so it holds no personal data: in particular not the message of an
// AWS error, which may quote a mail address.
type Cause struct { //nolint:errname // it is never an error by itself
	// Operation is the API operation that failed, such as "SES SendEmail".
	Operation string
	// Code is the error code of the API, or what takes its place.
	Code string
	// Detail explains the code to an operator; it may be empty.
	Detail string
}

// Error gives operation, code and detail.
func (c Cause) Error() string {
	s := c.Operation + ": " + c.Code
	if c.Detail != "" {
		s += ": " + c.Detail
	}
	return s
}

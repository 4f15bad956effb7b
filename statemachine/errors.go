package statemachine

// The errors that a step returns, named for what is to be done about them.
// aws-lambda-go reports the name of the outermost Go type as errorType, and the
// Retry fields of the definition match that name: so a step returns one of these
// itself, never wrapped in another error.
type (
	// ThrottledError says that a service asked to slow down. The state machine
	// retries it for more than 24 hours, the longest that a daily quota of SES
	// can last.
	ThrottledError struct{ Cause }

	// TransientError says that the network or a service failed, or that a call
	// took too long. The state machine retries it for some minutes.
	TransientError struct{ Cause }

	// ConfigurationError says that an operator must act: a sender that is not
	// verified, a group that does not exist, a permission that is missing. It is
	// never retried; mend the cause, then redrive the execution.
	ConfigurationError struct{ Cause }

	// UnexpectedError says that something happened that the code does not know:
	// a bug here, or an API that changed. It is never retried.
	UnexpectedError struct{ Cause }
)

// Cause is what the four errors have in common. Execution history and logs keep
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

// Package awserr decides what the failure of an AWS call means for the
// workflow: which of the errors of package statemachine a step returns for it.
package awserr

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.com/onboarding/statemachine"
)

// Classify returns the typed error that stands for err, which the named
// operation ("SES SendEmail") returned; nil for nil. The result is to be
// returned as it is: an error wrapped around it would hide its type from Step
// Functions. Its text has the error code and the request ID, and never the
// message of the service, which may quote a mail address.
//
// A failure that is not in the table is judged by its HTTP status; without a
// response it counts as the network's.
func Classify(operation string, err error) error {
	if err == nil {
		return nil
	}
	response, _ := errors.AsType[*awshttp.ResponseError](err)
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		if isDailyQuota(api) {
			return QuotaExceeded.New(operation, api.ErrorCode(), withRequestID("the daily quota of SES is reached", response))
		}
		return classifyCode(operation, api.ErrorCode(), response)
	}
	if code, ok := connectionFailure(err); ok {
		return Transient.New(operation, code, "the call did not get through, or was not answered in time")
	}
	if response != nil {
		return classifyCode(operation, "unreadable answer, HTTP "+strconv.Itoa(response.HTTPStatusCode()), response)
	}
	return Unexpected.New(operation, "unknown failure", "")
}

// isDailyQuota reports whether SES takes no more mails today. It has one code for
// that and for too many in a second; only the message tells them apart
// (https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html).
func isDailyQuota(err smithy.APIError) bool {
	return err.ErrorCode() == "Throttling" && strings.HasPrefix(err.ErrorMessage(), "Daily message quota exceeded")
}

// FromCode returns the typed error for an error code that came in the body of
// an answer, as those of single entries of PutEvents do.
func FromCode(operation, code string) error {
	return classifyCode(operation, code, nil)
}

// IsCode reports whether err is an AWS error with that code.
func IsCode(err error, code string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == code
}

// noCode is the code that the SDK gives an answer without one.
const noCode = "UnknownError"

// MayHaveHadEffect reports whether nobody can tell if the failed call had its
// effect: a time-out, a connection that broke after it was made, an answer that
// cannot be read or that, like those of proxies, is a 5xx without an error code. An
// error code is taken to mean that it had none; AWS does not promise that for a 5xx:
// see Failed.
func MayHaveHadEffect(err error) bool {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		response, answered := errors.AsType[*awshttp.ResponseError](err)
		return api.ErrorCode() == noCode && answered && response.HTTPStatusCode() >= http.StatusInternalServerError
	}
	if network, ok := errors.AsType[*net.OpError](err); ok && network.Op == "dial" {
		return false
	}
	_, lost := connectionFailure(err)
	_, answered := errors.AsType[*awshttp.ResponseError](err)
	return lost || answered
}

// Failed reports whether the service says that it failed, a 5xx with an error code.
// Mostly the call had no effect then; nobody promises it.
func Failed(err error) bool {
	response, answered := errors.AsType[*awshttp.ResponseError](err)
	return answered && response.HTTPStatusCode() >= http.StatusInternalServerError && !MayHaveHadEffect(err)
}

func classifyCode(operation, code string, response *awshttp.ResponseError) error {
	row, known := lookUp(code)
	if !known {
		row.Class = classOfStatus(response)
	}
	return row.Class.New(operation, code, withRequestID(row.Detail, response))
}

func withRequestID(detail string, response *awshttp.ResponseError) string {
	if response == nil || response.ServiceRequestID() == "" {
		return detail
	}
	return strings.TrimSpace(detail + " (request ID " + response.ServiceRequestID() + ")")
}

func classOfStatus(response *awshttp.ResponseError) Class {
	if response == nil {
		return Unexpected
	}
	switch status := response.HTTPStatusCode(); {
	case status == http.StatusTooManyRequests:
		return Throttled
	case status >= http.StatusInternalServerError:
		return Transient
	}
	return Unexpected
}

// connectionFailure reports whether err came from the way to the service and
// back, and names which.
func connectionFailure(err error) (string, bool) {
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout", true
	}
	if errors.Is(err, context.Canceled) {
		return "canceled", true
	}
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return "timeout", true
	}
	if _, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return "connection failed", true
	}
	// Any other failure of the network happened while the answer was read, such
	// as a reset. A time-out there may also come as the close of the connection
	// that it brought about, which says of itself that it is none.
	if _, ok := errors.AsType[net.Error](err); ok || errors.Is(err, io.ErrUnexpectedEOF) {
		return "connection lost", true
	}
	return "", false
}

// Class is what a failure means: one of the errors of package statemachine.
type Class string

// The classes, named like the errors.
const (
	Throttled     Class = "ThrottledError"
	QuotaExceeded Class = "QuotaExceededError"
	Transient     Class = "TransientError"
	NotReady      Class = "NotReadyError"
	Undecided     Class = "UndecidedError"
	Configuration Class = "ConfigurationError"
	Unexpected    Class = "UnexpectedError"
)

// For returns an error of the class for an AWS error that a step knows more about
// than the table does: with the code and the request ID of err, and with a detail of
// the step's own.
func (c Class) For(operation string, err error, detail string) error {
	code := "unknown failure"
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code = api.ErrorCode()
	}
	response, _ := errors.AsType[*awshttp.ResponseError](err)
	return c.New(operation, code, withRequestID(detail, response))
}

// New returns an error of the class.
func (c Class) New(operation, code, detail string) error {
	cause := statemachine.Cause{Operation: operation, Code: code, Detail: detail}
	switch c {
	case Throttled:
		return &statemachine.ThrottledError{Cause: cause}
	case QuotaExceeded:
		return &statemachine.QuotaExceededError{Cause: cause}
	case Transient:
		return &statemachine.TransientError{Cause: cause}
	case NotReady:
		return &statemachine.NotReadyError{Cause: cause}
	case Undecided:
		return &statemachine.UndecidedError{Cause: cause}
	case Configuration:
		return &statemachine.ConfigurationError{Cause: cause}
	default:
		return &statemachine.UnexpectedError{Cause: cause}
	}
}

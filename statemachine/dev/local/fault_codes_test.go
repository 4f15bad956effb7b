package local_test

import (
	"net/http"

	"example.com/onboarding/statemachine/dev/local"
)

// code is an error code that a service documents.
type code struct {
	status int
	name   string
	// stops says that an operator is needed: a retry does not help.
	stops bool
}

// codesOf are the codes of the services, by the name that signatures have for them. Of
// a service that is not here, those without a service's name are tried.
var codesOf = map[string][]code{
	"cognito-idp": {
		{400, "TooManyRequestsException", false},
		{500, "InternalErrorException", false},
		{500, "InternalFailure", false},
		{503, "ServiceUnavailable", false},
		{400, "ResourceNotFoundException", false},
		{400, "NotAuthorizedException", false},
		{400, "AccessDeniedException", false},
		{400, "InvalidParameterException", true},
		{400, "OperationNotEnabledException", true},
		{400, "NeverHeardOfException", true},
	},
	"dynamodb": {
		{400, "ProvisionedThroughputExceededException", false},
		{400, "RequestLimitExceeded", false},
		{400, "ThrottlingException", false},
		{500, "InternalServerError", false},
		{503, "ServiceUnavailable", false},
		{400, "ResourceNotFoundException", false},
		{400, "AccessDeniedException", false},
		{400, "ValidationException", true},
	},
	"ses": {
		{400, "Throttling", false},
		{503, "ServiceUnavailable", false},
		{500, "InternalFailure", false},
		{400, "RequestTimeout", false},
		{400, "MessageRejected", true},
		{400, "MailFromDomainNotVerifiedException", true},
		{400, "ConfigurationSetDoesNotExist", false},
		{400, "ConfigurationSetSendingPausedException", true},
		{400, "AccountSendingPausedException", true},
		{403, "AccessDenied", false},
		{400, "InvalidParameterValue", true}, // the address looks right, so it is the sender's
		{400, "NeverHeardOf", true},
	},
	"events": {
		{400, "ThrottlingException", false},
		{500, "InternalException", false},
		{503, "ServiceUnavailable", false},
		{400, "AccessDeniedException", false},
		{400, "ResourceNotFoundException", false},
		{400, "ValidationException", true},
	},
	"states": {
		{400, "ThrottlingException", false},
		{400, "ExecutionLimitExceeded", false},
		{400, "StateMachineDoesNotExist", true},
		{400, "StateMachineDeleting", true},
		{400, "AccessDeniedException", true},
		{400, "InvalidName", true},
		{500, "InternalFailure", false},
		{503, "ServiceUnavailable", false},
	},
	"": {
		{400, "ThrottlingException", false},
		{500, "InternalFailure", false},
		{503, "ServiceUnavailable", false},
		{400, "AccessDeniedException", false},
		{400, "ValidationException", true},
	},
}

// codes are those of the place's service, and of its operation.
func (p place) codes() []code {
	codes, known := codesOf[p.service]
	if !known {
		codes = codesOf[""]
	}
	if p.action == "AdminAddUserToGroup" { // Cognito may not find a user right after the sign-up
		codes = append([]code{{400, "UserNotFoundException", false}}, codes...)
	}
	return codes
}

// faults strike the calls of the place: each code, and the connection.
func (p place) faults() []fault {
	var list []fault
	for _, c := range p.codes() {
		f := fault{at: p.at(), name: c.name, strike: answer(p.fails(c.status, c.name)), want: onboardedAnyway}
		if c.stops {
			f.want = redriven
		}
		list = append(list, f)
	}
	for name, strike := range map[string]func(*local.AWS) http.Handler{
		"HTTP 500 without a code":            answer(status(500)),
		"HTTP 503 without a code":            answer(status(503)),
		"connection reset before its effect": answer(http.HandlerFunc(reset)),
		"connection reset after its effect":  afterEffect(reset),
		"HTTP 500 after its effect":          afterEffect(status(500)),
		"no answer":                          answer(http.HandlerFunc(hang)),
	} {
		list = append(list, fault{at: p.at(), name: name, strike: strike, want: onboardedAnyway})
	}
	return append(list, fault{at: p.at(), name: "one failed try", times: 1, strike: answer(p.fails(503, "ServiceUnavailable")), want: onboardedAnyway})
}

// crashes end the function's process while it makes the call.
func (p place) crashes() []fault {
	crash := func(aws *local.AWS) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) { aws.Crash(p.function) }
	}
	return []fault{
		{at: p.at(), name: "crash before its effect", times: 1, want: redriven, strike: func(aws *local.AWS) http.Handler { return crash(aws) }},
		{at: p.at(), name: "crash after its effect", times: 1, want: redriven, strike: func(aws *local.AWS) http.Handler {
			return afterEffect(crash(aws))(aws)
		}},
	}
}

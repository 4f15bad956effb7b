package local_test

import (
	"net"
	"net/http"
	"net/http/httptest"

	"example.com/onboarding/statemachine/dev/local"
)

const faultsHeader = `# Faults tried

Made by ` + "`make test-faults UPDATE=1`" + `. Each row is one user, onboarded on the local AWS by
the real binaries while one call was struck as often as it takes to fail the whole
attempt of a step. *Stopped* executions failed at the state named, as an operator
sees it in the console, and were redriven once the fault was over. The last columns
count calls that had their effect: group changes (repeating one changes nothing),
mails, events.

**Faults: %d. Users lost: %d. Mails or events doubled, beyond what is documented: %d.
Mails missing, as documented: %d.**

Documented: when EventBridge took an event and its answer was lost, the retry puts
it again; consumers count distinct values of ` + "`sub`" + `. When SES took a mail and its
answer was lost, or the function crashed, the mail is not sent again, so that it is
missing if SES had not taken it: *mail skipped, delivery unknown*.

| call | fault | outcome | stopped at, or why skipped | group changes | mails | events |
|---|---|---|---|---|---|---|
`

// call is an API call of the workflow, and how often the SDK tries it before the
// step fails.
type call struct {
	at    string
	tries int
	// fails makes an error of the protocol of the call.
	fails func(status int, code string) http.Handler
	// function makes the call.
	function string
	codes    []code
}

// code is a documented error code of a call.
type code struct {
	status int
	name   string
	want   outcome
}

var calls = []call{
	{"AddUserToGroup AdminAddUserToGroup", 2, jsonError, "AddUserToGroupFunction", append(cognitoCodes, code{400, "UserNotFoundException", onboardedAnyway})},
	{"SaveProfile AdminGetUser", 2, jsonError, "SaveProfileFunction", cognitoCodes},
	{"SaveProfile UpdateItem", 2, jsonError, "SaveProfileFunction", dynamoCodes},
	{"SendWelcomeEmail AdminGetUser", 2, jsonError, "SendWelcomeEmailFunction", cognitoCodes},
	{"SendWelcomeEmail PutItem", 2, jsonError, "SendWelcomeEmailFunction", dynamoCodes},
	{"SendWelcomeEmail SendEmail", 1, mailError, "SendWelcomeEmailFunction", sesCodes},
	{"SendWelcomeEmail UpdateItem", 2, jsonError, "SendWelcomeEmailFunction", []code{
		{400, "ThrottlingException", onboardedAnyway}, {500, "InternalServerError", onboardedAnyway}, {400, "AccessDeniedException", onboardedAnyway},
	}},
	{"RecordAnalytics PutEvents", 2, jsonError, "RecordAnalyticsFunction", eventCodes},
}

var cognitoCodes = []code{
	{400, "TooManyRequestsException", onboardedAnyway},
	{500, "InternalErrorException", onboardedAnyway},
	{500, "InternalFailure", onboardedAnyway},
	{503, "ServiceUnavailable", onboardedAnyway},
	{400, "ResourceNotFoundException", redriven},
	{400, "NotAuthorizedException", redriven},
	{400, "AccessDeniedException", redriven},
	{400, "InvalidParameterException", redriven},
	{400, "OperationNotEnabledException", redriven},
	{400, "NeverHeardOfException", redriven},
}

var dynamoCodes = []code{
	{400, "ProvisionedThroughputExceededException", onboardedAnyway},
	{400, "RequestLimitExceeded", onboardedAnyway},
	{400, "ThrottlingException", onboardedAnyway},
	{500, "InternalServerError", onboardedAnyway},
	{503, "ServiceUnavailable", onboardedAnyway},
	{400, "ResourceNotFoundException", redriven},
	{400, "AccessDeniedException", redriven},
	{400, "ValidationException", redriven},
}

var sesCodes = []code{
	{400, "Throttling", onboardedAnyway},
	{503, "ServiceUnavailable", onboardedAnyway},
	{500, "InternalFailure", onboardedAnyway},
	{400, "RequestTimeout", onboardedAnyway},
	{400, "MessageRejected", redriven},
	{400, "MailFromDomainNotVerifiedException", redriven},
	{400, "ConfigurationSetDoesNotExist", redriven},
	{400, "ConfigurationSetSendingPausedException", redriven},
	{400, "AccountSendingPausedException", redriven},
	{403, "AccessDenied", redriven},
	{400, "InvalidParameterValue", redriven}, // the address looks right, so it is the sender's
	{400, "NeverHeardOf", redriven},
}

var eventCodes = []code{
	{400, "ThrottlingException", onboardedAnyway},
	{500, "InternalException", onboardedAnyway},
	{503, "ServiceUnavailable", onboardedAnyway},
	{400, "AccessDeniedException", redriven},
	{400, "ResourceNotFoundException", redriven},
	{400, "ValidationException", redriven},
}

// faults returns every fault of the suite.
func faults() []fault {
	var list []fault
	for _, c := range calls {
		for _, e := range c.codes {
			list = append(list, fault{at: c.at, name: e.name, times: c.tries, strike: answer(c.fails(e.status, e.name)), want: e.want})
		}
		list = append(list, c.network()...)
	}
	for _, state := range allStates {
		list = append(list, invocationFaults(state)...)
	}
	list = append(list, startFaults()...)
	return append(list, deliveryFaults()...)
}

// network returns the faults of the connection.
func (c call) network() []fault {
	unknown := onboardedAnyway
	if c.at == "SendWelcomeEmail SendEmail" {
		unknown = onboardedWithoutMail
	}
	return []fault{
		{at: c.at, name: "HTTP 500 without a code", times: c.tries, strike: answer(status(500)), want: unknown},
		{at: c.at, name: "HTTP 503 without a code", times: c.tries, strike: answer(status(503)), want: unknown},
		{at: c.at, name: "connection reset before its effect", times: c.tries, strike: answer(http.HandlerFunc(reset)), want: unknown},
		{at: c.at, name: "connection reset after its effect", times: c.tries, strike: afterEffect(reset), want: unknown},
		{at: c.at, name: "HTTP 500 after its effect", times: c.tries, strike: afterEffect(status(500)), want: unknown},
		{at: c.at, name: "no answer", times: c.tries, strike: answer(http.HandlerFunc(hang)), want: unknown},
		{at: c.at, name: "one failed try", times: 1, strike: answer(c.fails(503, "ServiceUnavailable")), want: onboardedAnyway},
	}
}

// crashes returns the faults that end a function's process.
func crashes() []fault {
	var list []fault
	for _, c := range calls {
		list = append(list, c.crashes()...)
	}
	return list
}

// crashes ends the function's process while it makes the call.
func (c call) crashes() []fault {
	crash := func(aws *local.AWS) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) { aws.Crash(c.function) }
	}
	return []fault{
		{at: c.at, name: "function crashes before its effect", times: 1, want: redriven, strike: func(aws *local.AWS) http.Handler { return crash(aws) }},
		{at: c.at, name: "function crashes after its effect", times: 1, want: redriven, strike: func(aws *local.AWS) http.Handler {
			return afterEffect(crash(aws))(aws)
		}},
	}
}

// invocationFaults are Lambda's own.
func invocationFaults(state string) []fault {
	at := state + " Invoke"
	return []fault{
		{at: at, name: "Lambda 429", times: 2, strike: answer(jsonError(429, "TooManyRequestsException")), want: onboardedAnyway},
		{at: at, name: "Lambda 500", times: 2, strike: answer(jsonError(500, "ServiceException")), want: onboardedAnyway},
	}
}

// startFaults strike the start of the execution.
func startFaults() []fault {
	const at = "trigger StartExecution"
	var list []fault
	for _, c := range []code{
		{400, "ThrottlingException", onboardedAnyway},
		{400, "ExecutionLimitExceeded", onboardedAnyway},
		{400, "StateMachineDoesNotExist", onboardedAnyway},
		{400, "StateMachineDeleting", onboardedAnyway},
		{400, "AccessDeniedException", onboardedAnyway},
		{400, "InvalidName", onboardedAnyway},
		{500, "InternalFailure", onboardedAnyway},
		{503, "ServiceUnavailable", onboardedAnyway},
	} {
		list = append(list, fault{at: at, name: c.name, times: 3, strike: answer(jsonError(c.status, c.name)), want: c.want})
	}
	return append(list,
		fault{at: at, name: "connection reset before its effect", times: 3, strike: answer(http.HandlerFunc(reset)), want: onboardedAnyway},
		fault{at: at, name: "connection reset after its effect", times: 3, strike: afterEffect(reset), want: onboardedAnyway},
		fault{at: at, name: "no answer", times: 3, strike: answer(http.HandlerFunc(hang)), want: onboardedAnyway},
	)
}

func answer(h http.Handler) func(*local.AWS) http.Handler {
	return func(*local.AWS) http.Handler { return h }
}

// afterEffect lets the call have its effect, and fails it then.
func afterEffect(then http.HandlerFunc) func(*local.AWS) http.Handler {
	return func(aws *local.AWS) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			aws.Forward(httptest.NewRecorder(), r)
			then(w, r)
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// reset breaks the connection with a TCP reset.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	conn.(*net.TCPConn).SetLinger(0) //nolint:errcheck,forcetypeassert // the listener is TCP
	conn.Close()                     //nolint:errcheck // as meant
}

// hang answers when the caller has gone.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

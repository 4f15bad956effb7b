package local_test

import (
	"cmp"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

// faults returns every fault of the suite: of each call that one onboarding makes, of
// each function, and of the event. The last ones must be tried one after the other: a
// crash takes every process of its function along, and the sweep looks at every user.
func faults(t *testing.T, aws *local.AWS) (together, alone []fault) {
	t.Helper()
	states := allStates(t)
	all := signUp(t, aws)
	confirmAndSignIn(t, aws, all)
	checkSucceeded(t, wait(t, aws, all))
	if hasStep(t, mailState) {
		waitForReceipt(t, aws, all, record.Delivered)
	}
	places := placesOf(aws, all)
	order := func(p place) int { return slices.Index(states, strings.TrimSuffix(p.function, "Function")) }
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(order(a), order(b)) })
	for _, p := range places {
		list := p.faults()
		if order(p) < 0 { // a start is made from the queue, a token goes without the groups, Lambda repeats a receipt
			for i := range list {
				list[i].want = onboardedAnyway
				switch p.function {
				case "FirstTokenFunction":
					list[i].deliver = confirmAndSignIn
				case mailReceipt + "Function":
					list[i].receipts = promptly
				}
			}
		} else {
			alone = append(alone, p.crashes()...)
		}
		together = append(together, list...)
	}
	for _, state := range states {
		together = append(together, functionFaults(state)...)
	}
	if hasStep(t, mailState) {
		together = append(together, receiptFaults()...)
	}
	together = append(together, deliveryFaults()...)
	for _, name := range []string{"Runtime.ExitError", "Sandbox.Timedout"} {
		alone = append(alone, triggerFails(name))
	}
	return together, append(alone, triggerThrottled(), lostStart())
}

// functionFaults are those of a step's function as a whole.
func functionFaults(state string) []fault {
	at := state + " Invoke"
	timedOut, crashed := functionError("Sandbox.Timedout"), functionError("Runtime.ExitError")
	return []fault{
		{at: at, name: "throttled by Lambda", times: 2, strike: answer(jsonError(429, "TooManyRequestsException")), want: onboardedAnyway},
		{at: at, name: "Lambda fails", times: 2, strike: answer(jsonError(500, "ServiceException")), want: onboardedAnyway},
		{at: at, name: "time-out before its effect", times: 1, strike: answer(timedOut), want: onboardedAnyway},
		{at: at, name: "time-out after its effect", times: 1, strike: afterEffect(timedOut), want: onboardedAnyway},
		{at: at, name: "crash before its effect", times: 1, strike: answer(crashed), want: redriven},
		{at: at, name: "crash after its effect", times: 1, strike: afterEffect(crashed), want: redriven},
	}
}

// functionError is Lambda's answer for a function that ended with that error.
func functionError(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		json.NewEncoder(w).Encode(map[string]string{"errorType": name, "errorMessage": "planted"}) //nolint:errcheck // the caller may be gone
	}
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

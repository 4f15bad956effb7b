// Package gateway is the one address of the local AWS. It answers invocations of
// Lambda functions, and how many may be under way, itself, acts as Cognito does when a
// user is confirmed, and passes every other call on to the backend, or to another
// engine if it is one of Step Functions. It keeps a record of all calls and can answer any of them with
// a fault.
package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"example.com/onboarding/statemachine/dev/internal/hooks"
	"example.com/onboarding/statemachine/dev/internal/lambda"
)

// Fault returns the handler that answers the call in the place of AWS, or nil
// for calls that are to be left alone.
type Fault func(Call) http.Handler

// Confirmer does what Cognito does around the calls that confirm a user. An
// *APIError that it returns is the answer to the caller.
type Confirmer interface {
	// Before is asked before the call is passed on.
	Before(context.Context, Call) error
	// After is told that the call succeeded.
	After(context.Context, Call) error
}

// Completer makes up for what the backend lacks in a call of Cognito.
type Completer interface {
	// Complete returns the body that the call is passed on with.
	Complete(context.Context, Call) ([]byte, error)
}

// Invoker takes events for functions, and does not wait for these.
type Invoker interface {
	Accept(function string, event []byte)
}

// Gateway is the http.Handler of the local AWS.
type Gateway struct {
	Functions *lambda.Service
	// Later gets the events of asynchronous invocations. It hands them to the functions
	// through the gateway, so that faults strike there, and the record has each attempt.
	// Without it such an invocation waits for the function.
	Later Invoker
	Users Confirmer
	// Pools may be nil.
	Pools Completer
	// Engine gets the calls of Step Functions, and Backend those of all other
	// services.
	Engine, Backend http.Handler

	faults    hooks.Hooks[Fault]
	observers hooks.Hooks[func(Call)]

	mu    sync.Mutex
	calls []Call
}

// New returns a gateway in front of the backend. The engine gets the calls of
// Step Functions; it may be the backend too.
func New(functions *lambda.Service, backend, engine *url.URL) *Gateway {
	return &Gateway{Functions: functions, Backend: newProxy(backend), Engine: newProxy(engine)}
}

func newProxy(to *url.URL) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // the backend tells some services by it
		},
		ErrorLog:  log.New(io.Discard, "", 0), // the caller gets a 502
		Transport: NewTransport(),
	}
}

// NewTransport returns a transport that keeps the connections of many concurrent
// calls to one server. http.DefaultTransport keeps two: of the others each call
// opens one, and under load the machine runs out of ports for those just closed.
func NewTransport() *http.Transport {
	return &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute}
}

// AddFault makes f decide about every call from now on; the returned function
// ends that. Of several faults the first that answers counts.
func (g *Gateway) AddFault(f Fault) (remove func()) { return g.faults.Add(f) }

// ServeHTTP implements http.Handler.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.serve(w, r, g.fault) }

// Forward serves the request without regard to faults. A fault uses it to let a
// call have its effect before it fails.
func (g *Gateway) Forward(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, func(Call) http.Handler { return nil })
}

// Quietly serves a call, but an invocation, without regard to faults and without a record.
func (g *Gateway) Quietly(w http.ResponseWriter, r *http.Request) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			http.Error(w, "read request: "+err.Error(), http.StatusBadRequest)
			return
		}
	}
	setBody(r, body)
	g.pass(w, r, NewCall(r, body))
}

func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, faultFor Fault) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "read request: "+err.Error(), http.StatusBadRequest)
		return
	}
	setBody(r, body)
	r.TransferEncoding = nil // some engines send chunks, which not every backend reads

	function, invokes := functionOf(r.URL.Path)
	if invokes && g.Later != nil && r.Header.Get("X-Amz-Invocation-Type") == "Event" {
		g.Later.Accept(function, body)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	answer := &recorder{ResponseWriter: w}
	call := NewCall(r, body)
	if invokes {
		call.Service, call.Action, call.Function = "lambda", "Invoke", function
	}
	defer func() { // also when a broken connection makes a handler panic
		call.Duration = time.Since(call.Time)
		call.Status, call.Response = answer.status, answer.body.Bytes()
		g.record(call)
	}()
	fault := faultFor(call)
	switch {
	case fault != nil:
		fault.ServeHTTP(answer, r)
	case invokes:
		g.invoke(answer, r, function, body)
	case r.URL.Path == accountSettings:
		g.getAccountSettings(answer)
	default:
		g.pass(answer, r, call)
	}
}

func setBody(r *http.Request, body []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

func (g *Gateway) fault(call Call) http.Handler {
	for _, f := range g.faults.All() {
		if handler := f(call); handler != nil {
			return handler
		}
	}
	return nil
}

// pass hands a call on, and lets Users act around it if it confirms one.
func (g *Gateway) pass(w http.ResponseWriter, r *http.Request, call Call) {
	if call.Service == "states" {
		g.Engine.ServeHTTP(w, r)
		return
	}
	if call.Service != "cognito-idp" || g.Users == nil {
		g.Backend.ServeHTTP(w, r)
		return
	}
	if err := g.Users.Before(r.Context(), call); err != nil {
		WriteError(w, err)
		return
	}
	if g.Pools != nil {
		body, err := g.Pools.Complete(r.Context(), call)
		if err != nil {
			WriteError(w, err)
			return
		}
		setBody(r, body)
	}
	held := new(HeldResponse)
	g.Backend.ServeHTTP(held, r)
	if held.Status == http.StatusOK {
		// What a confirmation sets off goes on when its caller has gone.
		if err := g.Users.After(context.WithoutCancel(r.Context()), call); err != nil {
			WriteError(w, err)
			return
		}
	}
	held.SendTo(w)
}

// functionOf returns the name of the function that a call of Lambda's Invoke
// names in its path, by name or ARN.
func functionOf(path string) (string, bool) {
	rest, found := strings.CutPrefix(path, "/2015-03-31/functions/")
	if !found {
		return "", false
	}
	name, found := strings.CutSuffix(rest, "/invocations")
	if _, after, isARN := strings.Cut(name, ":function:"); isARN {
		name = after
	}
	name, _, _ = strings.Cut(name, ":") // a version or an alias
	return name, found
}

// accountSettings is the path of Lambda's GetAccountSettings, which the backend lacks.
const accountSettings = "/2016-08-19/account-settings"

// getAccountSettings answers with the limits of an account that is not new.
func (g *Gateway) getAccountSettings(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"AccountLimit":{"ConcurrentExecutions":1000,"UnreservedConcurrentExecutions":1000}}`)
}

func (g *Gateway) invoke(w http.ResponseWriter, r *http.Request, function string, payload []byte) {
	// A function runs on when its caller has gone.
	ctx := lambda.WithTrace(context.WithoutCancel(r.Context()), r.Header.Get(lambda.TraceHeader))
	result, err := g.Functions.Invoke(ctx, function, payload)
	if errors.Is(err, lambda.ErrNoFunction) {
		WriteError(w, &APIError{Status: http.StatusNotFound, Code: "ResourceNotFoundException", Message: err.Error()})
		return
	}
	if err != nil {
		WriteError(w, &APIError{Status: http.StatusInternalServerError, Code: "ServiceException", Message: err.Error()})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if result.Failed {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
	}
	w.Write(result.Payload) //nolint:errcheck // the caller may be gone
}

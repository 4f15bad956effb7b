// Package redrive is a stand-in for the RedriveExecution of Step Functions, which
// the engine of moto lacks. It stands before that engine and answers as AWS does,
// but it is not AWS: what AWS documents was built, not what AWS does.
//
// A redriven execution goes on in a second state machine that it makes in the
// engine: the same definition, entered at the state that stopped, with that
// state's input and the same execution name. What DescribeExecution,
// ListExecutions, GetExecutionHistory and StopExecution say of the original
// execution is then made of both. The second state machine, named
// redrive-<count>-<hash>, shows in ListStateMachines. Parallel and Map are not
// provided for: the state that was entered last is the one that is redriven.
package redrive

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

// The limits of RedriveExecution
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html).
const (
	redrivable    = 14 * 24 * time.Hour
	tokenLifetime = 15 * time.Minute
	maxTokens     = 10
)

// Engine answers the calls of Step Functions. It implements http.Handler.
type Engine struct {
	next http.Handler

	redriving sync.Mutex // one at a time

	mu       sync.Mutex
	redriven map[string]*execution // by ARN
}

// execution is what is known of an execution that was redriven.
type execution struct {
	runs   []run // one a redrive
	tokens []token
}

// run is what followed one redrive.
type run struct {
	arn string // of the execution that does the work
	at  time.Time
}

// token is a client token that redrove the execution.
type token struct {
	text string
	at   time.Time
}

// Around returns an engine that redrives the executions of another.
func Around(engine http.Handler) *Engine {
	return &Engine{next: engine, redriven: make(map[string]*execution)}
}

// ServeHTTP implements http.Handler.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	answer := map[string]func(caller, request) (any, error){
		"RedriveExecution":    e.redrive,
		"DescribeExecution":   e.describeExecution,
		"ListExecutions":      e.listExecutions,
		"GetExecutionHistory": e.getExecutionHistory,
		"StopExecution":       e.stopExecution,
	}[action]
	if answer == nil {
		e.next.ServeHTTP(w, r)
		return
	}
	var req request
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		writeError(w, gateway.BadRequest("SerializationException", "the request is no JSON object"))
		return
	}
	out, err := answer(caller{e.next, r}, req)
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	json.NewEncoder(w).Encode(out) //nolint:errcheck // the caller may be gone
}

// request has what the five calls may hold.
type request struct {
	ExecutionARN    string `json:"executionArn,omitempty"`
	StateMachineARN string `json:"stateMachineArn,omitempty"`
	ClientToken     string `json:"clientToken,omitempty"`
	StatusFilter    string `json:"statusFilter,omitempty"`
	MaxResults      int    `json:"maxResults,omitempty"`
	NextToken       string `json:"nextToken,omitempty"`
	ReverseOrder    bool   `json:"reverseOrder,omitempty"`
	Error           string `json:"error,omitempty"`
	Cause           string `json:"cause,omitempty"`
}

// runsOf returns the runs of an execution, none if it was not redriven.
func (e *Engine) runsOf(arn string) []run {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x := e.redriven[arn]; x != nil {
		return x.runs
	}
	return nil
}

func (e *Engine) redrive(c caller, req request) (any, error) {
	if strings.Count(req.ExecutionARN, ":") != 7 || !strings.Contains(req.ExecutionARN, ":execution:") {
		return nil, gateway.BadRequest("InvalidArn", fmt.Sprintf("Invalid Arn: '%s'", req.ExecutionARN))
	}
	e.redriving.Lock()
	defer e.redriving.Unlock()
	if at, repeated := e.usedToken(req.ExecutionARN, req.ClientToken); repeated {
		return object{"redriveDate": gateway.Epoch(at)}, nil
	}
	x, err := e.describe(c, req.ExecutionARN)
	if err != nil {
		return nil, err
	}
	if x["redriveStatus"] != "REDRIVABLE" {
		return nil, gateway.BadRequest("ExecutionNotRedrivable", x.str("redriveStatusReason"))
	}
	at := time.Now()
	arn, err := e.goOn(c, x, len(e.runsOf(req.ExecutionARN))+1)
	if err != nil {
		return nil, err
	}
	e.keep(req, run{arn, at})
	return object{"redriveDate": gateway.Epoch(at)}, nil
}

// usedToken returns when the token redrove the execution, if it did lately.
func (e *Engine) usedToken(arn, text string) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := e.redriven[arn]
	if x == nil || text == "" {
		return time.Time{}, false
	}
	for _, t := range x.tokens {
		if t.text == text && time.Since(t.at) < tokenLifetime {
			return t.at, true
		}
	}
	return time.Time{}, false
}

func (e *Engine) keep(req request, r run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := e.redriven[req.ExecutionARN]
	if x == nil {
		x = new(execution)
		e.redriven[req.ExecutionARN] = x
	}
	x.runs = append(x.runs, r)
	x.tokens = append(x.tokens, token{req.ClientToken, r.at})
	x.tokens = x.tokens[max(0, len(x.tokens)-maxTokens):]
}

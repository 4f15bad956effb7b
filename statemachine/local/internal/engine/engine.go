// Package engine is a stand-in for Step Functions, for load that moto's engine is
// too slow for. It runs the definition that it is given, but knows of the Amazon
// States Language only what the onboarding needs: Task states that invoke a
// function, with Parameters, ResultSelector, ResultPath, TimeoutSeconds and Retry,
// in JSONPath. Any other field, path or error name is refused, by name, when the
// state machine is made. It keeps everything in memory.
//
// No library did: of those in Go, github.com/coinbase/step is dormant since 2020 and
// has neither ResultSelector nor JitterStrategy, and
// github.com/hussainpithawala/state-machine-amz-go runs Go functions in the place of
// Lambda's. A test compares this engine with moto's on the same definition.
package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.com/onboarding/statemachine/internal/asl"
	"example.com/onboarding/statemachine/local/internal/gateway"
)

// Engine answers the calls of Step Functions' API that the trigger and the local
// AWS make. It implements http.Handler.
type Engine struct {
	ctx     context.Context //nolint:containedctx // what it starts outlives the call, and Close ends it
	cancel  context.CancelFunc
	running sync.WaitGroup
	client  *http.Client

	mu         sync.Mutex
	machines   map[string]*machine   // by ARN
	executions map[string]*execution // by ARN
	order      []*execution          // as they were started
}

// machine is a state machine.
type machine struct {
	arn, name, roleARN, text string
	definition               asl.Definition
	// endpoint is where functions are invoked: the address that the caller named
	// who made the machine.
	endpoint string
	made     time.Time
}

// New returns an engine without state machines.
func New() *Engine {
	ctx, cancel := context.WithCancel(context.Background())
	return &Engine{
		ctx: ctx, cancel: cancel, client: &http.Client{Transport: gateway.NewTransport()},
		machines: make(map[string]*machine), executions: make(map[string]*execution),
	}
}

// Close ends all executions, and waits until they have.
func (e *Engine) Close() {
	e.cancel()
	e.running.Wait()
}

// request has what the calls may hold.
type request struct {
	Name            string
	Definition      string
	RoleARN         string `json:"roleArn"`
	StateMachineARN string `json:"stateMachineArn"`
	ExecutionARN    string `json:"executionArn"`
	Input           string
	StatusFilter    string
	MaxResults      int
	NextToken       string
}

// object is a JSON object of an answer.
type object map[string]any

// ServeHTTP implements http.Handler.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	answer := map[string]func(request) (object, error){
		"CreateStateMachine":   func(in request) (object, error) { return e.createStateMachine(in, "http://"+r.Host) },
		"DescribeStateMachine": e.describeStateMachine,
		"StartExecution":       e.startExecution,
		"DescribeExecution":    e.describeExecution,
		"ListExecutions":       e.listExecutions,
		"GetExecutionHistory":  e.getExecutionHistory,
	}[action]
	if answer == nil {
		gateway.WriteError(w, gateway.BadRequest("UnknownOperationException", "the stand-in does not know "+action))
		return
	}
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		gateway.WriteError(w, gateway.BadRequest("SerializationException", "the request is no JSON object"))
		return
	}
	out, failure := answer(in)
	if failure != nil {
		gateway.WriteError(w, failure)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	json.NewEncoder(w).Encode(out) //nolint:errcheck,errchkjson // the caller may be gone
}

func (e *Engine) createStateMachine(in request, endpoint string) (object, error) {
	d, err := parse(in.Definition)
	if err != nil {
		return nil, gateway.BadRequest("InvalidDefinition", "Invalid State Machine Definition: "+err.Error())
	}
	m := &machine{
		name: in.Name, roleARN: in.RoleARN, text: in.Definition, definition: d, endpoint: endpoint, made: time.Now(),
		// Region and account are those of package local.
		arn: "arn:aws:states:us-east-1:123456789012:stateMachine:" + in.Name,
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if other := e.machines[m.arn]; other != nil && other.text != m.text {
		return nil, gateway.BadRequest("StateMachineAlreadyExists", fmt.Sprintf("State Machine Already Exists: '%s'", m.arn))
	}
	e.machines[m.arn] = m
	return object{"stateMachineArn": m.arn, "creationDate": gateway.Epoch(m.made)}, nil
}

func (e *Engine) machine(arn string) (*machine, error) {
	if m := e.machines[arn]; m != nil {
		return m, nil
	}
	return nil, gateway.BadRequest("StateMachineDoesNotExist", fmt.Sprintf("State Machine Does Not Exist: '%s'", arn))
}

func (e *Engine) describeStateMachine(in request) (object, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	m, err := e.machine(in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	return object{
		"stateMachineArn": m.arn, "name": m.name, "definition": m.text, "roleArn": m.roleARN,
		"type": "STANDARD", "status": "ACTIVE", "creationDate": gateway.Epoch(m.made),
	}, nil
}

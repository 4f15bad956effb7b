package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/onboarding/statemachine/local/internal/gateway"
)

// execution is one execution; the engine's mu guards what changes.
type execution struct {
	arn, name, machine, input string
	started                   time.Time

	attempts []attempt
	stopped  time.Time // zero while it runs
	output   string
	failed   *failure
}

// attempt is one attempt of a state.
type attempt struct {
	state      string
	start, end time.Time
	failed     *failure
}

func (x *execution) status() string {
	switch {
	case x.stopped.IsZero():
		return "RUNNING"
	case x.failed != nil:
		return "FAILED"
	}
	return "SUCCEEDED"
}

var legalName = regexp.MustCompile(`^[0-9A-Za-z_-]{1,80}$`)

// startExecution answers 200 to a name whose execution runs with the same input, and
// refuses the name otherwise
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
func (e *Engine) startExecution(in request) (object, error) {
	if !legalName.MatchString(in.Name) {
		return nil, gateway.BadRequest("InvalidName", fmt.Sprintf("Invalid Name: '%s'", in.Name))
	}
	if !json.Valid([]byte(in.Input)) {
		return nil, gateway.BadRequest("InvalidExecutionInput", "Invalid State Machine Execution Input")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	m, err := e.machine(in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	arn := strings.Replace(m.arn, ":stateMachine:", ":execution:", 1) + ":" + in.Name
	if x := e.executions[arn]; x != nil {
		if x.status() != "RUNNING" || x.input != in.Input {
			return nil, gateway.BadRequest("ExecutionAlreadyExists", fmt.Sprintf("Execution Already Exists: '%s'", arn))
		}
		return object{"executionArn": arn, "startDate": gateway.Epoch(x.started)}, nil
	}
	x := &execution{arn: arn, name: in.Name, machine: m.arn, input: in.Input, started: time.Now()}
	e.executions[arn], e.order = x, append(e.order, x)
	e.running.Add(1)
	go e.run(m, x)
	return object{"executionArn": arn, "startDate": gateway.Epoch(x.started)}, nil
}

// began notes that an attempt of the state begins, and returns its index.
func (e *Engine) began(x *execution, state string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	x.attempts = append(x.attempts, attempt{state: state, start: time.Now()})
	return len(x.attempts) - 1
}

func (e *Engine) ended(x *execution, i int, failed *failure) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x.attempts[i].end, x.attempts[i].failed = time.Now(), failed
}

// end notes how the execution ended.
func (e *Engine) end(x *execution, data any, failed *failure) {
	output, err := json.Marshal(data)
	if err != nil {
		failed = &failure{"States.Runtime", err.Error()}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if x.stopped, x.failed = time.Now(), failed; failed == nil {
		x.output = string(output)
	}
}

func (e *Engine) find(arn string) (*execution, error) {
	if x := e.executions[arn]; x != nil {
		return x, nil
	}
	return nil, gateway.BadRequest("ExecutionDoesNotExist", fmt.Sprintf("Execution Does Not Exist: '%s'", arn))
}

func (e *Engine) describeExecution(in request) (object, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, err := e.find(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	out := x.item()
	out["input"] = x.input
	if x.failed != nil {
		out["error"], out["cause"] = x.failed.name, x.failed.cause
	} else if !x.stopped.IsZero() {
		out["output"] = x.output
	}
	return out, nil
}

// item is the execution in a list.
func (x *execution) item() object {
	out := object{
		"executionArn": x.arn, "stateMachineArn": x.machine, "name": x.name,
		"status": x.status(), "startDate": gateway.Epoch(x.started), "redriveCount": 0,
	}
	if !x.stopped.IsZero() {
		out["stopDate"] = gateway.Epoch(x.stopped)
	}
	return out
}

// listExecutions lists the newest first. A token is the number of executions still
// to be looked at.
func (e *Engine) listExecutions(in request) (object, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	from := len(e.order)
	if n, err := strconv.Atoi(in.NextToken); err == nil && n >= 0 && n <= from {
		from = n
	} else if in.NextToken != "" {
		return nil, gateway.BadRequest("InvalidToken", fmt.Sprintf("Invalid Token: '%s'", in.NextToken))
	}
	page, limit := []object{}, min(cmp.Or(in.MaxResults, 100), 1000)
	for from > 0 && len(page) < limit {
		from--
		if x := e.order[from]; x.machine == in.StateMachineARN && (in.StatusFilter == "" || in.StatusFilter == x.status()) {
			page = append(page, x.item())
		}
	}
	out := object{"executions": page}
	if slices.ContainsFunc(e.order[:from], func(x *execution) bool { return x.machine == in.StateMachineARN }) {
		out["nextToken"] = strconv.Itoa(from)
	}
	return out, nil
}

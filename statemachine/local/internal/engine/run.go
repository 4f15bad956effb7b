package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"example.com/onboarding/statemachine/internal/asl"
)

// run takes an execution through its states.
func (e *Engine) run(m *machine, x *execution) {
	defer e.running.Done()
	var data any
	if err := json.Unmarshal([]byte(x.input), &data); err != nil {
		e.end(x, nil, &failure{"States.Runtime", err.Error()})
		return
	}
	for name := m.definition.StartAt; name != ""; name = m.definition.States[name].Next {
		var failed *failure
		if data, failed = e.task(m, x, name, data); failed != nil {
			e.end(x, nil, failed)
			return
		}
	}
	e.end(x, data, nil)
}

// task runs a state until it succeeds or its retries are spent, and returns what
// the next state gets.
func (e *Engine) task(m *machine, x *execution, name string, data any) (any, *failure) {
	s := m.definition.States[name]
	left := retries{of: s.Retry, spent: make(map[int]int)}
	for {
		attempt := e.began(x, name)
		out, failed := e.attempt(m, x, s, data, left.total)
		e.ended(x, attempt, failed)
		if failed == nil {
			return out, nil
		}
		delay, retried := left.next(failed.name)
		if !retried {
			return nil, failed
		}
		select {
		case <-time.After(delay):
		case <-e.ctx.Done():
			return nil, &failure{"States.Runtime", "the engine was closed"}
		}
	}
}

func (e *Engine) attempt(m *machine, x *execution, s *asl.State, data any, retried int) (any, *failure) {
	context := map[string]any{
		executionName: x.name, executionStart: x.started.UTC().Format("2006-01-02T15:04:05.000Z"), retryCount: retried,
	}
	parameters, err := fill(s.Parameters, data, context)
	if err != nil {
		return nil, &failure{"States.ParameterPathFailure", err.Error()}
	}
	payload, failed := e.invoke(m.endpoint, timeout(s), parameters)
	if failed != nil {
		return nil, failed
	}
	var result any = map[string]any{"ExecutedVersion": "$LATEST", "StatusCode": 200.0, "Payload": payload}
	if s.ResultSelector != nil {
		if result, err = fill(s.ResultSelector, result, context); err != nil {
			return nil, &failure{"States.Runtime", err.Error()}
		}
	}
	out, err := place(s.ResultPath, result, data)
	if err != nil {
		return nil, &failure{"States.ResultPathMatchFailure", err.Error()}
	}
	return out, nil
}

// place puts the result where the ResultPath says.
func place(path string, result, data any) (any, error) {
	name, ok := memberOf(path)
	if !ok || name == "" {
		return result, nil
	}
	members, ok := data.(map[string]any)
	if !ok {
		return nil, errors.New("the input is no object to put a result in")
	}
	members = maps.Clone(members)
	members[name] = result
	return members, nil
}

// failure is how an attempt, or an execution, fails.
type failure struct{ name, cause string }

func (f *failure) Error() string { return fmt.Sprintf("%s: %s", f.name, f.cause) }

package engine

import (
	"time"

	"example.com/onboarding/statemachine/local/internal/gateway"
)

// getExecutionHistory gives what the attempts tell, on one page: which states were
// entered, and how each attempt ended. Input and output of the states are missing.
func (e *Engine) getExecutionHistory(in request) (object, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, err := e.find(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	var h history
	h.add("ExecutionStarted", x.started, object{"executionStartedEventDetails": object{"input": x.input}})
	for i, a := range x.attempts {
		if i == 0 || x.attempts[i-1].state != a.state {
			h.add("TaskStateEntered", a.start, object{"stateEnteredEventDetails": object{"name": a.state}})
		}
		h.attempt(a)
		if !a.end.IsZero() && a.failed == nil {
			h.add("TaskStateExited", a.end, object{"stateExitedEventDetails": object{"name": a.state}})
		}
	}
	switch {
	case x.failed != nil:
		h.add("ExecutionFailed", x.stopped, object{"executionFailedEventDetails": details(x.failed)})
	case !x.stopped.IsZero():
		h.add("ExecutionSucceeded", x.stopped, object{"executionSucceededEventDetails": object{"output": x.output}})
	}
	return object{"events": h}, nil
}

type history []object

func (h *history) add(kind string, at time.Time, event object) {
	event["id"], event["previousEventId"] = len(*h)+1, len(*h)
	event["type"], event["timestamp"] = kind, gateway.Epoch(at)
	*h = append(*h, event)
}

// attempt adds the events of an attempt.
func (h *history) attempt(a attempt) {
	h.add("TaskScheduled", a.start, object{})
	h.add("TaskStarted", a.start, object{})
	switch {
	case a.end.IsZero():
	case a.failed == nil:
		h.add("TaskSucceeded", a.end, object{})
	case a.failed.name == timedOut:
		h.add("TaskTimedOut", a.end, object{"taskTimedOutEventDetails": details(a.failed)})
	default:
		h.add("TaskFailed", a.end, object{"taskFailedEventDetails": details(a.failed)})
	}
}

func details(f *failure) object { return object{"error": f.name, "cause": f.cause} }

package mock

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Outcome is how an execution ends.
type Outcome struct {
	// Error and Cause are those that stopped it; empty if it succeeded.
	Error, Cause string
	// Attempts are the attempts of all states, in order.
	Attempts []Attempt
	// Results are the results of the states, by the field of the output that
	// the state's ResultPath names.
	Results map[string]json.RawMessage
}

// Attempt is one attempt of a state. Error is empty if it succeeded.
type Attempt struct {
	State, Error string
}

// Of returns how the attempts of a state ended.
func (o Outcome) Of(state string) []string {
	var ends []string
	for _, a := range o.Attempts {
		if a.State == state {
			ends = append(ends, a.Error)
		}
	}
	return ends
}

// states is the part of a definition that decides the way of an execution: Task
// states in a row, whose Retry fields name each error.
type states struct {
	StartAt string
	States  map[string]state
}

type state struct {
	Next       string
	End        bool
	ResultPath string
	Retry      []retrier
}

type retrier struct {
	ErrorEquals []string
	MaxAttempts *int
}

// defaultMaxAttempts is how often is retried that says nothing
// (https://states-language.net/spec.html#errors).
const defaultMaxAttempts = 3

// Expect returns how an execution of the definition ends in the case, by the rules
// of Amazon States Language. A state on the way that has no answer is an error.
func Expect(definition string, c Case) (Outcome, error) {
	var d states
	if err := json.Unmarshal([]byte(definition), &d); err != nil {
		return Outcome{}, fmt.Errorf("decode the definition: %w", err)
	}
	o := Outcome{Results: make(map[string]json.RawMessage)}
	for name := d.StartAt; ; name = d.States[name].Next {
		s, ok := d.States[name]
		if !ok {
			return Outcome{}, fmt.Errorf("the definition has no state %q", name)
		}
		if err := o.pass(name, s, c[name]); err != nil {
			return Outcome{}, err
		}
		if o.Error != "" || s.End {
			return o, nil
		}
	}
}

// pass adds the attempts of one state.
func (o *Outcome) pass(name string, s state, answers Responses) error {
	retried := make([]int, len(s.Retry))
	for i, answer := range answers {
		if answer.Return != nil {
			o.Attempts = append(o.Attempts, Attempt{State: name})
			o.Results[strings.TrimPrefix(s.ResultPath, "$.")] = answer.Return.Payload
			return nil
		}
		o.Attempts = append(o.Attempts, Attempt{State: name, Error: answer.Throw.Error})
		r := slices.IndexFunc(s.Retry, func(r retrier) bool { return slices.Contains(r.ErrorEquals, answers[i].Throw.Error) })
		if r < 0 || retried[r] == s.Retry[r].maxAttempts() {
			o.Error, o.Cause = answer.Throw.Error, answer.Throw.Cause
			return nil
		}
		retried[r]++
	}
	return fmt.Errorf("%s: attempt %d is not mocked", name, len(answers))
}

func (r retrier) maxAttempts() int {
	if r.MaxAttempts == nil {
		return defaultMaxAttempts
	}
	return *r.MaxAttempts
}

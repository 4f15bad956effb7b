package mock

import (
	"encoding/json"
	"fmt"
	"strings"

	"example.com/onboarding/statemachine/internal/asl"
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

// Expect returns how an execution of the definition ends in the case, by the rules
// of Amazon States Language. A state on the way that has no answer is an error.
func Expect(definition string, c Case) (Outcome, error) {
	d, err := asl.Read(definition)
	if err != nil {
		return Outcome{}, fmt.Errorf("definition: %w", err)
	}
	path, err := d.Path()
	if err != nil {
		return Outcome{}, fmt.Errorf("definition: %w", err)
	}
	o := Outcome{Results: make(map[string]json.RawMessage)}
	for _, name := range path {
		if err := o.pass(name, d.States[name], c[name]); err != nil {
			return Outcome{}, err
		}
		if o.Error != "" {
			break
		}
	}
	return o, nil
}

// pass adds the attempts of one state.
func (o *Outcome) pass(name string, s *asl.State, answers Responses) error {
	retried := make([]int, len(s.Retry))
	for _, answer := range answers {
		if answer.Return != nil {
			o.Attempts = append(o.Attempts, Attempt{State: name})
			o.Results[strings.TrimPrefix(s.ResultPath, "$.")] = answer.Return.Payload
			return nil
		}
		o.Attempts = append(o.Attempts, Attempt{State: name, Error: answer.Throw.Error})
		r := asl.RetrierOf(s.Retry, answer.Throw.Error)
		if r < 0 || retried[r] == s.Retry[r].Attempts() {
			o.Error, o.Cause = answer.Throw.Error, answer.Throw.Cause
			return nil
		}
		retried[r]++
	}
	return fmt.Errorf("%s: attempt %d is not mocked", name, len(answers))
}

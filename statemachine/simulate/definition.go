package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// machine is what the simulation needs of a definition in Amazon States Language. A
// field that is not in it is refused, so that nothing that changes how an execution
// runs is passed over.
type machine struct {
	Comment, StartAt string
	States           map[string]state
}

type state struct {
	Comment, Type, Resource    string
	Parameters, ResultSelector json.RawMessage
	ResultPath                 string
	TimeoutSeconds             int
	Retry                      []retrier
	Next                       string
	End                        bool
}

// retrier is one entry of Retry. Its fields are as in the Amazon States Language
// (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html).
type retrier struct {
	Comment                      string
	ErrorEquals                  []string
	IntervalSeconds, MaxAttempts int
	MaxDelaySeconds              int
	BackoffRate                  float64
	JitterStrategy               string
}

// step is a state of the path that every execution takes.
type step struct {
	name     string
	retriers []retrier
}

// fullJitter is the JitterStrategy that draws a delay between zero and its length.
const fullJitter = "FULL"

// maxRetriers is how many retriers a state may have here: each user counts them.
const maxRetriers = 4

// readDefinition returns the states of the definition in their order. It knows
// sequences of Task states only.
func readDefinition(definition string) ([]step, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(definition)))
	decoder.DisallowUnknownFields()
	var m machine
	if err := decoder.Decode(&m); err != nil {
		return nil, fmt.Errorf("read the definition: %w", err)
	}
	var steps []step
	for name := m.StartAt; ; {
		s, ok := m.States[name]
		if !ok || len(steps) > len(m.States) {
			return nil, fmt.Errorf("the definition leads to %q, which does not exist or comes again", name)
		}
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("state %s: %w", name, err)
		}
		steps = append(steps, step{name, s.Retry})
		if s.End {
			return steps, nil
		}
		name = s.Next
	}
}

func (s state) check() error {
	if s.Type != "Task" {
		return fmt.Errorf("is a %s, not a Task", s.Type)
	}
	if len(s.Retry) > maxRetriers {
		return fmt.Errorf("has %d retriers, more than %d", len(s.Retry), maxRetriers)
	}
	for _, r := range s.Retry {
		if r.IntervalSeconds < 1 || r.MaxDelaySeconds < 1 || r.MaxAttempts < 0 || r.BackoffRate < 1 {
			return errors.New("a retrier leaves a field out, or out of its limits")
		}
		if r.JitterStrategy != fullJitter && r.JitterStrategy != "NONE" {
			return fmt.Errorf("the jitter %q is not known", r.JitterStrategy)
		}
	}
	return nil
}

// retrierOf returns the index of the first retrier that takes the error, as Step
// Functions chooses it, or -1.
func (s step) retrierOf(errorName string) int {
	return slices.IndexFunc(s.retriers, func(r retrier) bool {
		return slices.Contains(r.ErrorEquals, errorName) || slices.Contains(r.ErrorEquals, "States.ALL")
	})
}

// delays are the longest delays before each retry, up to the first of those that are
// all alike. With full jitter a delay is drawn between zero and that.
func (r retrier) delays() []time.Duration {
	var all []time.Duration
	longest := float64(r.MaxDelaySeconds)
	for seconds := float64(r.IntervalSeconds); ; seconds *= r.BackoffRate {
		all = append(all, time.Duration(min(seconds, longest)*float64(time.Second)))
		if seconds >= longest || r.BackoffRate == 1 {
			return all
		}
	}
}

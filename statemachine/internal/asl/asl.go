// Package asl reads state machines in the part of Amazon States Language that the
// onboarding's definition is written in: Task states with Retry fields. Any other
// field is refused, so that nothing that changes how an execution runs is passed
// over.
package asl

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Definition is a state machine.
type Definition struct {
	Comment string
	StartAt string
	States  map[string]*State
}

// State is a state.
type State struct {
	Comment        string
	Type           string
	Resource       string
	Parameters     map[string]any
	TimeoutSeconds float64
	ResultSelector map[string]any
	ResultPath     string
	Retry          []Retrier
	Next           string
	End            bool
}

// Retrier is an element of a Retry field. What is missing has the default of the
// States Language (https://states-language.net/spec.html#errors).
type Retrier struct {
	Comment         string
	ErrorEquals     []string
	IntervalSeconds *float64
	BackoffRate     *float64
	MaxDelaySeconds *float64
	MaxAttempts     *float64
	JitterStrategy  string
}

// FullJitter is the JitterStrategy that draws a delay between zero and its length.
const FullJitter = "FULL"

// Read reads a definition.
func Read(text string) (Definition, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	var d Definition
	if err := decoder.Decode(&d); err != nil {
		return Definition{}, fmt.Errorf("decode: %w", err)
	}
	return d, nil
}

// Path returns the names of the states in the order in which an execution passes
// them. It returns an error for a path that leads nowhere, or in a circle.
func (d Definition) Path() ([]string, error) {
	var path []string
	for name := d.StartAt; ; {
		state, ok := d.States[name]
		switch {
		case !ok:
			return nil, fmt.Errorf("there is no state %q", name)
		case slices.Contains(path, name):
			return nil, fmt.Errorf("the state %s leads back to itself", name)
		}
		path = append(path, name)
		if state.End {
			return path, nil
		}
		name = state.Next
	}
}

// RetrierOf returns the index of the first retrier that takes the error, as Step
// Functions chooses it, or -1.
func RetrierOf(retriers []Retrier, errorName string) int {
	return slices.IndexFunc(retriers, func(r Retrier) bool {
		return slices.Contains(r.ErrorEquals, errorName) || slices.Contains(r.ErrorEquals, "States.ALL")
	})
}

// Attempts is how often the retrier retries at most.
func (r Retrier) Attempts() int { return int(or(r.MaxAttempts, 3)) }

// Delay is how long to wait before the retry after n others of this retrier, without
// jitter: a year at most, as AWS has it.
func (r Retrier) Delay(n int) time.Duration {
	seconds := or(r.IntervalSeconds, 1) * math.Pow(or(r.BackoffRate, 2), float64(n))
	seconds = min(seconds, or(r.MaxDelaySeconds, math.Inf(1)), 31622400)
	return time.Duration(seconds * float64(time.Second))
}

func or(value *float64, otherwise float64) float64 {
	if value == nil {
		return otherwise
	}
	return *value
}

package main

import (
	"errors"
	"fmt"
	"time"

	"example.com/onboarding/statemachine/internal/asl"
)

// step is a state of the path that every execution takes.
type step struct {
	name     string
	retriers []asl.Retrier
}

// maxRetriers is how many retriers a state may have here: each user counts them.
const maxRetriers = 4

// readDefinition returns the states of the definition in their order. It knows
// sequences of Task states only.
func readDefinition(definition string) ([]step, error) {
	m, err := asl.Read(definition)
	if err != nil {
		return nil, fmt.Errorf("read the definition: %w", err)
	}
	var steps []step
	for name := m.StartAt; ; {
		s, ok := m.States[name]
		if !ok || len(steps) > len(m.States) {
			return nil, fmt.Errorf("the definition leads to %q, which does not exist or comes again", name)
		}
		if err := check(s); err != nil {
			return nil, fmt.Errorf("state %s: %w", name, err)
		}
		steps = append(steps, step{name, s.Retry})
		if s.End {
			return steps, nil
		}
		name = s.Next
	}
}

func check(s *asl.State) error {
	if s.Type != "Task" {
		return fmt.Errorf("is a %s, not a Task", s.Type)
	}
	if len(s.Retry) > maxRetriers {
		return fmt.Errorf("has %d retriers, more than %d", len(s.Retry), maxRetriers)
	}
	for _, r := range s.Retry {
		if !atLeast(r.IntervalSeconds, 1) || !atLeast(r.MaxDelaySeconds, 1) || !atLeast(r.MaxAttempts, 0) || !atLeast(r.BackoffRate, 1) {
			return errors.New("a retrier leaves a field out, or out of its limits")
		}
		if r.JitterStrategy != asl.FullJitter && r.JitterStrategy != "NONE" {
			return fmt.Errorf("the jitter %q is not known", r.JitterStrategy)
		}
	}
	return nil
}

// atLeast reports whether a field is there, and is no less than that.
func atLeast(field *float64, least float64) bool { return field != nil && *field >= least }

func (s step) retrierOf(errorName string) int { return asl.RetrierOf(s.retriers, errorName) }

// delays are the delays before each retry without jitter, up to the first of those
// that are all alike.
func delays(r asl.Retrier) []time.Duration {
	var all []time.Duration
	for n := 0; ; n++ {
		all = append(all, r.Delay(n))
		if r.Delay(n) == r.Delay(n+1) {
			return all
		}
	}
}

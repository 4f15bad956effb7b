package mock

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Ran is how an engine ran a case.
type Ran struct {
	// Status is what Step Functions calls the end: SUCCEEDED, FAILED, or one that no
	// case expects.
	Status string
	// Error and Cause are those that stopped it.
	Error, Cause string
	// Attempts are the attempts of all states, in order.
	Attempts []Attempt
	// Input and Output are JSON. There is no output of what was stopped.
	Input, Output string
}

// Differences says in what a case ran otherwise than expected.
func (o Outcome) Differences(r Ran) error {
	var attempts error
	if !slices.Equal(r.Attempts, o.Attempts) {
		attempts = fmt.Errorf("attempts\n got %s\nwant %s", path(r.Attempts), path(o.Attempts))
	}
	return errors.Join(attempts, o.end(r))
}

// end compares the end.
func (o Outcome) end(r Ran) error {
	if o.Error != "" {
		if r.Status != "FAILED" || r.Error != o.Error || !strings.Contains(r.Cause, o.Cause) {
			return fmt.Errorf("%s with %s %q, want FAILED with %s %q", r.Status, r.Error, r.Cause, o.Error, o.Cause)
		}
		return nil
	}
	if r.Status != "SUCCEEDED" {
		return fmt.Errorf("%s with %s %q, want SUCCEEDED", r.Status, r.Error, r.Cause)
	}
	var want, got map[string]any
	if err := errors.Join(json.Unmarshal([]byte(r.Input), &want), json.Unmarshal([]byte(r.Output), &got)); err != nil {
		return fmt.Errorf("decode input and output: %w", err)
	}
	for field, result := range o.Results {
		var decoded any
		if err := json.Unmarshal(result, &decoded); err != nil {
			return fmt.Errorf("decode the result %s: %w", field, err)
		}
		want[field] = decoded
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("output %v, want %v", got, want)
	}
	return nil
}

// path has equal attempts that follow one another once, with their number: there may be
// a thousand.
func path(attempts []Attempt) string {
	var parts []string
	for i, n := 0, 0; i < len(attempts); i += n {
		part := strings.TrimSpace(attempts[i].State + " " + attempts[i].Error)
		for n = 1; i+n < len(attempts) && attempts[i+n] == attempts[i]; n++ {
		}
		if n > 1 {
			part += fmt.Sprintf(" ×%d", n)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

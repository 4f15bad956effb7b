package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const invokeResource = "arn:aws:states:::lambda:invoke"

// definition is a state machine in the part of the Amazon States Language that the
// package comment names.
type definition struct {
	Comment string
	StartAt string
	States  map[string]*state
}

// state is a Task state.
type state struct {
	Comment        string
	Type           string
	Resource       string
	Parameters     map[string]any
	TimeoutSeconds float64
	ResultSelector map[string]any
	ResultPath     string
	Retry          []retrier
	Next           string
	End            bool
}

// timeout is how long an attempt may take; 60 seconds are this engine's default,
// where AWS has none.
func (s *state) timeout() time.Duration {
	if s.TimeoutSeconds == 0 {
		return time.Minute
	}
	return time.Duration(s.TimeoutSeconds * float64(time.Second))
}

// parse reads a definition, and refuses what the engine does not know.
func parse(text string) (definition, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	var d definition
	if err := decoder.Decode(&d); err != nil {
		return definition{}, fmt.Errorf("decode: %w", err)
	}
	if d.States[d.StartAt] == nil {
		return definition{}, fmt.Errorf("StartAt: there is no state %q", d.StartAt)
	}
	for name, s := range d.States {
		if err := s.check(d); err != nil {
			return definition{}, fmt.Errorf("state %s: %w", name, err)
		}
	}
	return d, nil
}

func (s *state) check(d definition) error {
	if s == nil || s.Type != "Task" {
		return errors.New("the stand-in knows no Type but Task")
	}
	if s.Resource != invokeResource {
		return fmt.Errorf("the stand-in knows no Resource but %s, not %q", invokeResource, s.Resource)
	}
	if s.End == (s.Next != "") || s.Next != "" && d.States[s.Next] == nil {
		return fmt.Errorf("neither a Next state, and there is none named %q, nor the End", s.Next)
	}
	for name := range s.Parameters {
		if !slices.Contains([]string{"FunctionName", "Payload", "Payload.$"}, name) {
			return fmt.Errorf("the stand-in does not know the parameter %s", name)
		}
	}
	if name, ok := s.Parameters["FunctionName"].(string); !ok || name == "" {
		return errors.New("the parameter FunctionName is no text")
	}
	if _, ok := memberOf(s.ResultPath); !ok {
		return fmt.Errorf("the stand-in knows no ResultPath but none, $ and $.member, not %q", s.ResultPath)
	}
	for _, template := range []map[string]any{s.Parameters, s.ResultSelector} {
		if err := checkTemplate(template); err != nil {
			return err
		}
	}
	for _, r := range s.Retry {
		if err := r.check(); err != nil {
			return err
		}
	}
	return nil
}

// memberOf returns the member that a ResultPath names; none for the whole.
func memberOf(path string) (string, bool) {
	if path == "" || path == "$" {
		return "", true
	}
	name, found := strings.CutPrefix(path, "$.")
	return name, found && name != "" && !strings.ContainsAny(name, ".[")
}

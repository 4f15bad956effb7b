package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/onboarding/statemachine/internal/asl"
)

const invokeResource = "arn:aws:states:::lambda:invoke"

// timeout is how long an attempt may take; 60 seconds are this engine's default,
// where AWS has none.
func timeout(s *asl.State) time.Duration {
	if s.TimeoutSeconds == 0 {
		return time.Minute
	}
	return time.Duration(s.TimeoutSeconds * float64(time.Second))
}

// parse reads a definition, and refuses what the engine does not know.
func parse(text string) (asl.Definition, error) {
	d, err := asl.Read(text)
	if err != nil {
		return asl.Definition{}, err
	}
	if d.States[d.StartAt] == nil {
		return asl.Definition{}, fmt.Errorf("StartAt: there is no state %q", d.StartAt)
	}
	for name, s := range d.States {
		if err := check(s, d); err != nil {
			return asl.Definition{}, fmt.Errorf("state %s: %w", name, err)
		}
	}
	return d, nil
}

func check(s *asl.State, d asl.Definition) error {
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
		if err := checkRetrier(r); err != nil {
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

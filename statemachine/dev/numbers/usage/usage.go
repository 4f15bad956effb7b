// Package usage has what one onboarding was seen to use of AWS, function by function.
// A workflow test of package local onboards a user with the real binaries, sees their
// calls at its gateway, reads what they print, and writes usage.json.
package usage

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// File is the file below the root of the project.
const File = "statemachine/dev/numbers/usage/usage.json"

// Usage is what one onboarding uses.
type Usage struct {
	// Functions are the functions by name: the logical ID without "Function".
	Functions map[string]Function `json:"functions"`
	// EventBytes is the length of the events that the functions put on the bus, and
	// that are logged.
	EventBytes int `json:"eventBytes"`
}

// Function is what the invocations of one function use.
type Function struct {
	// Done is an invocation in which all goes well.
	Done Attempt `json:"done"`
	// Failed is an invocation whose first call AWS throttles: the attempt before a
	// retry, or a trigger that defers the start. It is empty if there was none.
	Failed Attempt `json:"failed"`
	// OnFailure says that it is not invoked for a user of whom nothing fails, as the
	// one that makes deferred starts.
	OnFailure bool `json:"onFailure,omitempty"`
}

// Attempt is one invocation.
type Attempt struct {
	// Invocations is how many these are, of a function that has several for one user; 0
	// for one.
	Invocations int `json:"invocations,omitempty"`
	// Calls are the calls that AWS carried out, in their order: service and operation.
	Calls []string `json:"calls,omitempty"`
	// Refused is how many calls AWS throttled, repeats by the SDK included. They
	// take time and cost nothing.
	Refused int `json:"refused,omitempty"`
	// LogLines and LogBytes are what the function prints, line ends not counted.
	LogLines int `json:"logLines,omitempty"`
	LogBytes int `json:"logBytes,omitempty"`
}

// Read reads what was measured last.
func Read(root string) (Usage, error) {
	text, err := os.ReadFile(filepath.Join(root, File))
	if err != nil {
		return Usage{}, fmt.Errorf("read the usage: %w", err)
	}
	var u Usage
	if err := json.Unmarshal(text, &u); err != nil {
		return Usage{}, fmt.Errorf("decode %s: %w", File, err)
	}
	return u, nil
}

// Write writes what was measured.
func (u Usage) Write(root string) error {
	text, err := json.MarshalIndent(u, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the usage: %w", err)
	}
	if err := os.WriteFile(filepath.Join(root, File), append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the usage: %w", err)
	}
	return nil
}

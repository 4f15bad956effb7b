package cost

import (
	_ "embed" // for the measured usage
	"encoding/json"
	"fmt"
)

// Usage is what one onboarding was seen to use of AWS, function by function:
// TestUsage of statemachine/dev/local onboards a user with the real binaries, sees their
// calls at its gateway and reads what they print.
type Usage struct {
	// Functions are the functions by name: Trigger, StartDeferred and the states.
	Functions map[string]FunctionUsage `json:"functions"`
	// EventBytes is the length of the UserOnboarded event in the analytics log group.
	EventBytes int `json:"eventBytes"`
}

// FunctionUsage is what the invocations of one function use.
type FunctionUsage struct {
	// Done is an invocation in which all goes well.
	Done Attempt `json:"done"`
	// Failed is an invocation whose last call AWS throttles: the attempt before a
	// retry, and of the trigger one that defers the start. StartDeferred has none.
	Failed Attempt `json:"failed"`
}

// Attempt is one invocation.
type Attempt struct {
	// Calls are the calls that AWS carried out, by service and operation.
	Calls map[string]int `json:"calls,omitempty"`
	// Refused are the calls that AWS throttled, repeats by the SDK included. They
	// take time and cost nothing.
	Refused int `json:"refused,omitempty"`
	// LogLines and LogBytes are what the function prints, line ends not counted.
	LogLines int `json:"logLines"`
	LogBytes int `json:"logBytes"`
}

//go:embed usage.json
var usageText []byte

// MeasuredUsage returns the usage that was measured last.
func MeasuredUsage() (Usage, error) {
	var u Usage
	if err := json.Unmarshal(usageText, &u); err != nil {
		return Usage{}, fmt.Errorf("decode usage.json: %w", err)
	}
	return u, nil
}

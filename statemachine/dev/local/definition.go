package local

import (
	"encoding/json"
	"fmt"
	"strings"
)

// definition is a state machine in Amazon States Language.
type definition map[string]any

func parseDefinition(text string) (definition, error) {
	var d definition
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return nil, fmt.Errorf("decode the definition: %w", err)
	}
	return d, nil
}

// String returns the definition as JSON.
func (d definition) String() string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // it was decoded from JSON
	}
	return string(text)
}

// retries returns every object in a Retry field of a state at the top level; the
// definition has no Parallel and no Map.
func (d definition) retries() []map[string]any {
	var found []map[string]any
	states, _ := d["States"].(map[string]any)
	for _, state := range states {
		fields, _ := state.(map[string]any)
		list, _ := fields["Retry"].([]any)
		for _, retry := range list {
			if r, ok := retry.(map[string]any); ok {
				found = append(found, r)
			}
		}
	}
	return found
}

// hurryRetries makes every retry wait one second.
func (d definition) hurryRetries() {
	for _, retry := range d.retries() {
		retry["IntervalSeconds"], retry["BackoffRate"] = 1, 1
		if _, known := retry["JitterStrategy"]; known {
			retry["JitterStrategy"] = "NONE"
		}
	}
}

// capRetries lets no Retry field retry more than n times.
func (d definition) capRetries(n float64) {
	for _, retry := range d.retries() {
		if attempts, ok := retry["MaxAttempts"].(float64); ok {
			retry["MaxAttempts"] = min(attempts, n)
		}
	}
}

// functions returns the state that invokes each function, by the function's name.
func (d definition) functions() map[string]string {
	found := make(map[string]string)
	states, _ := d["States"].(map[string]any)
	for name, state := range states {
		fields, _ := state.(map[string]any)
		parameters, _ := fields["Parameters"].(map[string]any)
		arn, _ := parameters["FunctionName"].(string)
		if _, function, ok := strings.Cut(arn, ":function:"); ok {
			found[function] = name
		}
	}
	return found
}

// dropNewRetryFields removes the fields that Step Functions Local 1.7.9 rejects,
// and returns their names.
func (d definition) dropNewRetryFields() []string {
	fields := []string{"MaxDelaySeconds", "JitterStrategy"}
	for _, retry := range d.retries() {
		for _, field := range fields {
			delete(retry, field)
		}
	}
	return fields
}

package redrive

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
)

// goOn starts the execution that does the work of a redrive, and returns its ARN.
func (e *Engine) goOn(c caller, x object, count int) (arn string, err error) {
	state, input, err := e.stoppedAt(c, x)
	if err != nil {
		return "", err
	}
	machine, err := c.call("DescribeStateMachine", object{"stateMachineArn": x.str("stateMachineArn")})
	if err != nil {
		return "", err
	}
	definition, err := enteredAt(machine.str("definition"), state, x)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(x.str("executionArn")))
	made, err := c.call("CreateStateMachine", object{
		"name":       fmt.Sprintf("redrive-%d-%x", count, hash[:8]),
		"definition": definition, "roleArn": machine.str("roleArn"),
	})
	if err != nil {
		return "", err
	}
	started, err := c.call("StartExecution", object{
		"stateMachineArn": made.str("stateMachineArn"), "name": x.str("name"), "input": input,
	})
	return started.str("executionArn"), err
}

// stoppedAt returns the state that the execution entered last, and its input; no
// state if it entered none.
func (e *Engine) stoppedAt(c caller, x object) (state, input string, err error) {
	events, err := e.history(c, x.str("executionArn"))
	if err != nil {
		return "", "", err
	}
	input = x.str("input")
	for _, event := range events {
		if entered := event.object("stateEnteredEventDetails"); entered != nil {
			state, input = entered.str("name"), entered.str("input")
		}
	}
	return state, input, nil
}

// enteredAt returns the definition with the state as its first. What it reads of
// the execution in the context object becomes what the original execution has.
func enteredAt(definition, state string, x object) (string, error) {
	var d map[string]any
	if err := json.Unmarshal([]byte(definition), &d); err != nil {
		return "", fmt.Errorf("decode the definition: %w", err)
	}
	if state != "" {
		d["StartAt"] = state
	}
	var input any
	if err := json.Unmarshal([]byte(x.str("input")), &input); err != nil {
		return "", fmt.Errorf("decode the execution's input: %w", err)
	}
	replace(d, map[any]any{
		"$$.Execution.Id":        x["executionArn"],
		"$$.Execution.StartTime": isoTime(x.num("startDate")),
		"$$.Execution.Input":     input,
	})
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("marshal the definition: %w", err)
	}
	return string(text), nil
}

// replace puts values in the place of the paths in payload templates.
func replace(node any, values map[any]any) {
	switch node := node.(type) {
	case map[string]any:
		for key, member := range node {
			name, isPath := strings.CutSuffix(key, ".$")
			text, isText := member.(string)
			if value, ok := values[text]; ok && isPath && isText {
				delete(node, key)
				node[name] = value
				continue
			}
			replace(member, values)
		}
	case []any:
		for _, member := range node {
			replace(member, values)
		}
	}
}

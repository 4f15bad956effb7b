package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"example.com/onboarding/statemachine/dev/project"
)

// template is template.yaml, as far as a function's process notices it.
type template struct {
	root       string
	Parameters map[string]struct {
		Default *string `yaml:"Default"`
	} `yaml:"Parameters"`
	Globals struct {
		Function struct {
			Environment environment `yaml:"Environment"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Type       string    `yaml:"Type"`
		Properties yaml.Node `yaml:"Properties"`
	} `yaml:"Resources"`
}

type environment struct {
	Variables map[string]yaml.Node `yaml:"Variables"`
}

func readTemplate(root string) (template, error) {
	t := template{root: root}
	data, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		return t, fmt.Errorf("read the template: %w", err)
	}
	if err := yaml.Unmarshal(data, &t); err != nil {
		return t, fmt.Errorf("parse the template: %w", err)
	}
	return t, nil
}

// environment returns the variables of the globals and those of a function, if it has
// some.
func (t template) environment(logicalID string) (map[string]string, error) {
	var own struct {
		Environment environment `yaml:"Environment"`
	}
	if r, ok := t.Resources[logicalID]; ok {
		if err := r.Properties.Decode(&own); err != nil {
			return nil, fmt.Errorf("properties of %s: %w", logicalID, err)
		}
	}
	values := make(map[string]string)
	for _, variables := range []map[string]yaml.Node{t.Globals.Function.Environment.Variables, own.Environment.Variables} {
		for name, value := range variables {
			values[name] = t.value(value)
		}
	}
	return values, nil
}

const machineARN = "arn:aws:states:us-east-1:123456789012:stateMachine:onboarding:live"

// samples are values for what the template refers to, where the form matters.
var samples = map[string]string{
	"AWS::StackName":                  "onboarding",
	"OnboardingStateMachineAliaslive": machineARN,
	"DeferredStartQueue":              "https://sqs.us-east-1.amazonaws.com/123456789012/deferred",
	"SenderEmail":                     "welcome@example.com",
}

// value returns a literal as it is, the default of a parameter that is referred to,
// and something for any other resource.
func (t template) value(node yaml.Node) string {
	if node.ShortTag() != "!Ref" {
		return node.Value
	}
	if parameter, ok := t.Parameters[node.Value]; ok && parameter.Default != nil {
		return *parameter.Default
	}
	return cmp.Or(samples[node.Value], node.Value)
}

// readsQueue reports whether a queue's messages are mapped to the function.
func (t template) readsQueue(logicalID string) bool {
	for _, r := range t.Resources {
		var mapping struct {
			FunctionName yaml.Node `yaml:"FunctionName"`
		}
		if r.Type == "AWS::Lambda::EventSourceMapping" && r.Properties.Decode(&mapping) == nil && mapping.FunctionName.Value == logicalID {
			return true
		}
	}
	return false
}

const (
	confirmation = "trigger/testdata/confirm_sign_up.json"
	task         = "statemachine/testdata/task.json"
	input        = "statemachine/testdata/input.json"
)

// event is what a function is invoked with: a step with a task, who reads a queue with
// a message, which has an execution's input, and any other function with what is in
// its testdata/event.json, or with the confirmation of a sign-up.
func (t template) event(f project.Function, isStep bool) ([]byte, error) {
	if isStep {
		return t.read(task)
	}
	data, err := t.read(filepath.Join(f.Folder, "testdata/event.json"))
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	if !t.readsQueue(f.LogicalID) {
		return t.read(confirmation)
	}
	body, err := t.read(input)
	if err != nil {
		return nil, err
	}
	message, err := json.Marshal(map[string]any{"Records": []any{map[string]string{
		"messageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "eventSource": "aws:sqs", "body": string(body),
	}}})
	if err != nil {
		return nil, fmt.Errorf("make a message: %w", err)
	}
	return message, nil
}

func (t template) read(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(t.root, name))
	if err != nil {
		return nil, fmt.Errorf("read an event: %w", err)
	}
	return data, nil
}

package main

import (
	"fmt"
	"os"
	"path"

	"go.yaml.in/yaml/v3"
)

// template is template.yaml, as far as a function's process notices it.
type template struct {
	Parameters map[string]struct {
		Default *string `yaml:"Default"`
	} `yaml:"Parameters"`
	Globals struct {
		Function functionProperties `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Type       string    `yaml:"Type"`
		Properties yaml.Node `yaml:"Properties"`
	} `yaml:"Resources"`
}

type functionProperties struct {
	CodeURI     string `yaml:"CodeUri"`
	Environment struct {
		Variables map[string]yaml.Node `yaml:"Variables"`
	} `yaml:"Environment"`
}

func readTemplate(name string) (template, error) {
	var t template
	data, err := os.ReadFile(name)
	if err != nil {
		return t, fmt.Errorf("read the template: %w", err)
	}
	if err := yaml.Unmarshal(data, &t); err != nil {
		return t, fmt.Errorf("parse %s: %w", name, err)
	}
	return t, nil
}

// deployed is a function of the template.
type deployed struct {
	// folder is its package's folder, relative to the template.
	folder      string
	environment map[string]string
}

// functions returns the functions of the template by logical ID.
func (t template) functions() (map[string]deployed, error) {
	functions := make(map[string]deployed)
	for id, resource := range t.Resources {
		if resource.Type != "AWS::Serverless::Function" {
			continue
		}
		var properties functionProperties
		if err := resource.Properties.Decode(&properties); err != nil {
			return nil, fmt.Errorf("properties of %s: %w", id, err)
		}
		functions[id] = deployed{path.Clean(properties.CodeURI), t.environment(properties)}
	}
	return functions, nil
}

// environment returns the variables of the globals and those of a function.
func (t template) environment(of functionProperties) map[string]string {
	environment := make(map[string]string)
	for _, variables := range []map[string]yaml.Node{t.Globals.Function.Environment.Variables, of.Environment.Variables} {
		for name, value := range variables {
			environment[name] = t.value(value)
		}
	}
	return environment
}

// samples are values for what the template refers to, where the form matters.
var samples = map[string]string{
	"AWS::StackName":                  "onboarding",
	"OnboardingStateMachineAliaslive": "arn:aws:states:us-east-1:123456789012:stateMachine:onboarding:live",
	"DeferredStartQueue":              "https://sqs.us-east-1.amazonaws.com/123456789012/deferred",
	"SenderEmail":                     "welcome@example.com",
}

// value returns a literal as it is, the default of a parameter that is referred to,
// and something for any other resource.
func (t template) value(node yaml.Node) string {
	if node.ShortTag() != "!Ref" {
		return node.Value
	}
	if sample, ok := samples[node.Value]; ok {
		return sample
	}
	if parameter, ok := t.Parameters[node.Value]; ok && parameter.Default != nil {
		return *parameter.Default
	}
	return node.Value
}

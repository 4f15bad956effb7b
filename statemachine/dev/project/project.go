// Package project reads what the project consists of from where it is described
// once: the steps from the definition, their functions from the template, and the
// reasons for which they skip from their code. Whatever lists steps asks it, so that
// a step is added or removed in its three places only.
package project

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"example.com/onboarding/statemachine/internal/asl"
)

// Project is what a tree of files describes.
type Project struct {
	// Root is the folder of template.yaml.
	Root string
	// Steps are the steps in the order in which an execution passes them.
	Steps []Step
	// Functions are those of the template that an onboarding may pass, sorted by
	// logical ID: the trigger, those of the steps, and whatever else there is, but not
	// those that another state machine invokes.
	Functions []Function

	definition    string
	substitutions map[string]yaml.Node
}

// Step is a state, its function and its folder.
type Step struct {
	// State is the state's name, such as "AddUserToGroup".
	State string
	// Definition is the state itself.
	Definition *asl.State
	// Result is the name of the step's result in the state of an execution: "group"
	// for the ResultPath "$.group".
	Result string
	// Members are the sorted names of the members that the definition takes over
	// into the result.
	Members []string
	// Fields are those of the step's type Result, the Outcome of all results left out.
	Fields []Field
	// Function is the step's function in the template.
	Function Function
	// Reasons are the sorted reasons for which the step may skip.
	Reasons []string
}

// Function is a function of the template.
type Function struct {
	// LogicalID is its name in the template, such as "AddUserToGroupFunction".
	LogicalID string
	// Name is the logical ID without "Function": what logs and metrics call it.
	Name string
	// Folder is the folder of its code below the root: "steps/addusertogroup".
	Folder string
	// Timeout is its time-out in seconds, and MemorySize its memory in MB.
	Timeout, MemorySize int
}

// Machine is the logical ID of the state machine that onboards a user.
const Machine = "OnboardingStateMachine"

// Read reads the project whose template.yaml is in the folder root.
func Read(root string) (*Project, error) {
	functions, machine, err := readTemplate(filepath.Join(root, "template.yaml"))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, machine.DefinitionURI))
	if err != nil {
		return nil, fmt.Errorf("read the definition: %w", err)
	}
	definition, err := asl.Read(string(text))
	if err != nil {
		return nil, fmt.Errorf("definition: %w", err)
	}
	p := &Project{Root: root, Functions: functions, definition: string(text), substitutions: machine.Substitutions}
	path, err := definition.Path()
	if err != nil {
		return nil, fmt.Errorf("definition: %w", err)
	}
	for _, name := range path {
		step, err := p.step(name, definition.States[name])
		if err != nil {
			return nil, fmt.Errorf("state %s: %w", name, err)
		}
		p.Steps = append(p.Steps, step)
	}
	return p, nil
}

// States are the names of the states, in order.
func (p *Project) States() []string {
	names := make([]string, len(p.Steps))
	for i, s := range p.Steps {
		names[i] = s.State
	}
	return names
}

// Step returns the step of a state.
func (p *Project) Step(state string) (Step, error) {
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.State == state })
	if i < 0 {
		return Step{}, fmt.Errorf("the definition has no state %s", state)
	}
	return p.Steps[i], nil
}

// Others are the functions that are none of a step, the trigger among them.
func (p *Project) Others() []Function {
	return slices.DeleteFunc(slices.Clone(p.Functions), func(f Function) bool {
		return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Function == f })
	})
}

func (p *Project) step(name string, state *asl.State) (Step, error) {
	s := Step{State: name, Definition: state, Result: strings.TrimPrefix(state.ResultPath, "$.")}
	for member := range state.ResultSelector {
		s.Members = append(s.Members, strings.TrimSuffix(member, ".$"))
	}
	slices.Sort(s.Members)
	i := slices.IndexFunc(p.Functions, func(f Function) bool { return f.Name == name })
	if i < 0 {
		return Step{}, fmt.Errorf("template.yaml has no %sFunction", name)
	}
	s.Function = p.Functions[i]
	c, err := readCode(p.Root, s.Function.Folder)
	if err != nil {
		return Step{}, err
	}
	if !c.result {
		return Step{}, fmt.Errorf("%s has no type Result", s.Function.Folder)
	}
	s.Fields = c.fields
	s.Reasons, err = c.allReasons(p.Root)
	return s, err
}

// template is the part of template.yaml that is read.
type template struct {
	Globals struct {
		Function properties `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Type       string    `yaml:"Type"`
		Properties yaml.Node `yaml:"Properties"`
	} `yaml:"Resources"`
}

type properties struct {
	CodeURI       string               `yaml:"CodeUri"`
	DefinitionURI string               `yaml:"DefinitionUri"`
	Substitutions map[string]yaml.Node `yaml:"DefinitionSubstitutions"`
	Timeout       int                  `yaml:"Timeout"`
	MemorySize    int                  `yaml:"MemorySize"`
}

// readTemplate returns the functions and the state machine.
func readTemplate(file string) (functions []Function, machine properties, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, properties{}, fmt.Errorf("read the template: %w", err)
	}
	var t template
	if err := yaml.Unmarshal(text, &t); err != nil {
		return nil, properties{}, fmt.Errorf("template: %w", err)
	}
	apart := make(map[string]bool)
	for id, r := range t.Resources {
		if r.Type != "AWS::Serverless::Function" && r.Type != "AWS::Serverless::StateMachine" {
			continue
		}
		var p properties
		if err := r.Properties.Decode(&p); err != nil {
			return nil, properties{}, fmt.Errorf("%s in the template: %w", id, err)
		}
		switch {
		case id == Machine:
			machine = p
			continue
		case p.DefinitionURI != "":
			for _, value := range p.Substitutions {
				apart[strings.TrimSuffix(value.Value, ".Arn")] = true
			}
			continue
		}
		functions = append(functions, Function{
			LogicalID: id, Name: strings.TrimSuffix(id, "Function"), Folder: filepath.Clean(p.CodeURI),
			Timeout:    cmp.Or(p.Timeout, t.Globals.Function.Timeout, 3), // Lambda's default
			MemorySize: cmp.Or(p.MemorySize, t.Globals.Function.MemorySize, 128),
		})
	}
	functions = slices.DeleteFunc(functions, func(f Function) bool { return apart[f.LogicalID] })
	slices.SortFunc(functions, func(a, b Function) int { return cmp.Compare(a.LogicalID, b.LogicalID) })
	return functions, machine, nil
}

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"example.com/onboarding/statemachine/dev/numbers/usage"
	"example.com/onboarding/statemachine/dev/project"
)

// What the functions of the template are compared with. helloDeployed is hello with the
// environment that the template gives each function, and shows what that alone changes.
const (
	hello         = "hello"
	helloDeployed = "hello, template's environment"
	sdkDefault    = "SDK defaults"
	nodeJS        = "Node.js example"
	// trigger is the function that the user waits for.
	trigger = "Trigger"
	// firstToken is the one that each sign-in waits for.
	firstToken = "FirstToken"
)

const own = "statemachine/dev/bench/"

// subject is a function that is measured.
type subject struct {
	name string
	// folder is the package in this module; empty for the Node.js example.
	folder  string
	isStep  bool
	payload []byte
	// calls are the calls to AWS that one invocation makes; nil if that is not known.
	calls []string

	command     []string
	environment map[string]string
	// zip is the size in bytes of the package that is uploaded.
	zip int64
}

// subjects returns what is compared with, and the functions of the template: the steps
// last, in their order.
func subjects(root string) ([]subject, error) {
	p, err := project.Read(root)
	if err != nil {
		return nil, err
	}
	u, err := usage.Read(root)
	if err != nil {
		return nil, err
	}
	t, err := readTemplate(root)
	if err != nil {
		return nil, err
	}
	all, err := compared(t)
	if err != nil {
		return nil, err
	}
	functions := p.Others()
	for _, s := range p.Steps {
		functions = append(functions, s.Function)
	}
	for i, f := range functions {
		s := subject{name: f.Name, folder: f.Folder, isStep: i >= len(p.Others())}
		if measured, ok := u.Functions[f.Name]; ok {
			calls := measured.Done.Calls
			s.calls = append([]string{}, calls[:len(calls)/max(measured.Done.Invocations, 1)]...)
		}
		if s.environment, err = t.environment(f.LogicalID); err != nil {
			return nil, err
		}
		if s.payload, err = t.event(f, s.isStep); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func compared(t template) ([]subject, error) {
	event, err := t.read(confirmation)
	if err != nil {
		return nil, err
	}
	globals, err := t.environment("")
	if err != nil {
		return nil, err
	}
	return []subject{
		{name: hello, folder: own + "hello", payload: event, calls: []string{}},
		{name: helloDeployed, folder: own + "hello", payload: event, calls: []string{}, environment: globals},
		{
			name: sdkDefault, folder: own + "sdkdefault", payload: event, calls: []string{"states StartExecution"},
			environment: map[string]string{"STATE_MACHINE_ARN": machineARN},
		},
		{name: nodeJS, payload: event, calls: []string{"ses SendEmail"}},
	}, nil
}

// chosen returns the subjects of these names, and hello; all if there are no names.
func chosen(all []subject, names []string) []subject {
	if len(names) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(s subject) bool { return s.name != hello && !slices.Contains(names, s.name) })
}

// build builds the function for this machine and its package for Lambda.
func (s *subject) build(ctx context.Context, b builder) error {
	if s.folder == "" {
		return s.buildNode(b)
	}
	binary, err := b.native(ctx, s.folder)
	if err != nil {
		return err
	}
	s.command = []string{binary}
	bootstrap, err := b.arm64(ctx, s.folder)
	if err != nil {
		return err
	}
	s.zip, err = zipped(filepath.Dir(bootstrap))
	return err
}

// buildNode copies the example beside the modules that .ci/tools bench installed.
func (s *subject) buildNode(b builder) error {
	installed := filepath.Join(b.root, ".tools/bench")
	for _, name := range []string{"index.mjs", "runtime.mjs"} {
		text, err := os.ReadFile(filepath.Join(b.root, own, "node", name))
		if err != nil {
			return fmt.Errorf("read the example: %w", err)
		}
		if err := os.WriteFile(filepath.Join(installed, name), text, 0o644); err != nil { //nolint:gosec // a folder of constants below the project
			return fmt.Errorf("copy the example (make bench installs its modules first): %w", err)
		}
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return fmt.Errorf("the example that is compared with takes Node.js: %w", err)
	}
	s.command = []string{node, filepath.Join(installed, "runtime.mjs")}
	s.zip, err = zipped(filepath.Join(installed, "node_modules"))
	return err
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// The functions that are not steps. All are compared with hello, which is given nothing;
// helloDeployed is hello with the environment that the template gives each function, and
// shows what that alone changes.
const (
	hello         = "hello"
	helloDeployed = "hello, template's environment"
	sdkDefault    = "SDK defaults"
	nodeJS        = "Node.js example"
	trigger       = "trigger"
	deferred      = "startdeferred"
)

// subject is a function that is measured.
type subject struct {
	name string
	// folder is the package in this module; empty for the Node.js example.
	folder string
	// logicalID names the function in the template; empty for what is not deployed.
	logicalID string
	// payload is the file with the event, until it is read.
	file    string
	payload []byte
	// calls are the calls to AWS that one invocation makes.
	calls []string

	command     []string
	environment map[string]string
	// zip is the size in bytes of the package that is uploaded.
	zip int64
}

const (
	confirmation = "trigger/testdata/confirm_sign_up.json"
	task         = "statemachine/testdata/task.json"
	own          = "statemachine/dev/bench/"
)

func subjects() []subject {
	return []subject{
		{name: hello, folder: own + "hello", file: confirmation},
		{name: helloDeployed, folder: own + "hello", file: confirmation},
		{name: sdkDefault, folder: own + "sdkdefault", file: confirmation, calls: []string{"StartExecution"}},
		{name: nodeJS, file: confirmation, calls: []string{"SendEmail"}},
		{name: trigger, logicalID: "TriggerFunction", file: confirmation, calls: []string{"StartExecution"}},
		{name: deferred, logicalID: "StartDeferredFunction", file: "statemachine/testdata/input.json", calls: []string{"StartExecution"}},
		{name: "addusertogroup", logicalID: "AddUserToGroupFunction", file: task, calls: []string{"AdminAddUserToGroup"}},
		{name: "saveprofile", logicalID: "SaveProfileFunction", file: task, calls: []string{"AdminGetUser", "UpdateItem"}},
		{name: "sendwelcomeemail", logicalID: "SendWelcomeEmailFunction", file: task, calls: []string{"AdminGetUser", "PutItem", "SendEmail", "UpdateItem"}},
		{name: "recordanalytics", logicalID: "RecordAnalyticsFunction", file: task, calls: []string{"PutEvents"}},
	}
}

// isStep says that the state machine runs the function.
func (s subject) isStep() bool { return s.file == task }

// chosen returns the subjects of these names, and hello; all if there are no names.
func chosen(all []subject, names []string) []subject {
	if len(names) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(s subject) bool {
		return s.name != hello && !slices.Contains(names, s.name)
	})
}

// prepare builds the subjects, and reads their events and their environment.
func prepare(ctx context.Context, b builder, all []subject) error {
	t, err := readTemplate(filepath.Join(b.root, "template.yaml"))
	if err != nil {
		return err
	}
	functions, err := t.functions()
	if err != nil {
		return err
	}
	for i := range all {
		s := &all[i]
		switch {
		case s.logicalID != "":
			f, ok := functions[s.logicalID]
			if !ok {
				return fmt.Errorf("template.yaml has no function %s", s.logicalID)
			}
			s.folder, s.environment = f.folder, f.environment
		case s.name == helloDeployed:
			s.environment = t.environment(functionProperties{})
		case s.name == sdkDefault:
			s.environment = map[string]string{"STATE_MACHINE_ARN": samples["OnboardingStateMachineAliaslive"]}
		}
		if s.payload, err = event(b.root, s.file); err != nil {
			return err
		}
		if err := s.build(ctx, b); err != nil {
			return err
		}
	}
	return nil
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
	s.zip, err = zipped(map[string]string{"bootstrap": bootstrap})
	return err
}

// buildNode copies the example beside the modules that .ci/tools bench installed.
func (s *subject) buildNode(b builder) error {
	installed := filepath.Join(b.root, ".tools/bench")
	for _, name := range []string{"index.mjs", "runtime.mjs"} {
		if err := copyFile(filepath.Join(b.root, own, "node", name), filepath.Join(installed, name)); err != nil {
			return err
		}
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return fmt.Errorf("the example that is compared with takes Node.js: %w", err)
	}
	s.command = []string{node, filepath.Join(installed, "runtime.mjs")}
	files, err := under(filepath.Join(installed, "node_modules"))
	if err != nil {
		return err
	}
	bundle := map[string]string{"index.mjs": filepath.Join(installed, "index.mjs")}
	for name, path := range files {
		bundle["node_modules/"+name] = path
	}
	s.zip, err = zipped(bundle)
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy the example: %w", err)
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := os.Create(to)
	if err != nil {
		return fmt.Errorf("copy the example (make bench installs it first): %w", err)
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// event returns the event in a file. An execution's input is what the queue of
// deferred starts brings: it becomes a message.
func event(root, name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return nil, fmt.Errorf("read an event: %w", err)
	}
	if filepath.Base(name) != "input.json" {
		return data, nil
	}
	message, err := json.Marshal(map[string]any{"Records": []any{map[string]string{
		"messageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "eventSource": "aws:sqs", "body": string(data),
	}}})
	if err != nil {
		return nil, fmt.Errorf("make a message: %w", err)
	}
	return message, nil
}

package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"

	"example.com/onboarding/statemachine/dev/internal/settings"
)

// template is template.yaml in plain CloudFormation, as translate.py prints it.
type template struct {
	text       []byte
	Parameters map[string]struct{ Default any }
	Resources  map[string]struct {
		Type       string
		Properties json.RawMessage
	}
}

func readTemplate(ctx context.Context, tools, root string) (template, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(tools, "python"),
		filepath.Join(root, "statemachine", "dev", "local", "translate.py"), filepath.Join(root, "template.yaml"))
	text, err := cmd.Output()
	if err != nil {
		return template{}, fmt.Errorf("translate template.yaml: %w", withStderr(err))
	}
	t := template{text: text}
	if err := json.Unmarshal(text, &t); err != nil {
		return template{}, fmt.Errorf("decode the translated template: %w", err)
	}
	return t, nil
}

// forStack returns the template as text, without the resources of a type, and with
// outputs for the pool's triggers: so CloudFormation resolves them, not this package.
func (t template) forStack(without string) (string, error) {
	var whole, resources, outputs map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(t.text, &whole), json.Unmarshal(whole["Resources"], &resources),
		json.Unmarshal(whole["Outputs"], &outputs)); err != nil {
		return "", fmt.Errorf("decode the translated template: %w", err)
	}
	for id, resource := range t.Resources {
		if resource.Type == without {
			delete(resources, id)
		}
	}
	var pool struct{ LambdaConfig map[string]json.RawMessage }
	if err := t.properties("UserPool", &pool); err != nil {
		return "", err
	}
	for name, function := range pool.LambdaConfig {
		outputs[triggerOutput+name] = json.RawMessage(`{"Value":` + string(function) + `}`)
	}
	for name, part := range map[string]any{"Resources": resources, "Outputs": outputs} {
		var err error
		if whole[name], err = json.Marshal(part); err != nil {
			return "", fmt.Errorf("marshal %s: %w", name, err)
		}
	}
	text, err := json.Marshal(whole)
	if err != nil {
		return "", fmt.Errorf("marshal the template: %w", err)
	}
	return string(text), nil
}

// triggerOutput is how the names of the outputs of forStack begin.
const triggerOutput = "UserPoolTrigger"

// properties decodes the properties of a resource.
func (t template) properties(logicalID string, into any) error {
	resource, ok := t.Resources[logicalID]
	if !ok {
		return fmt.Errorf("template.yaml has no resource %s", logicalID)
	}
	if err := json.Unmarshal(resource.Properties, into); err != nil {
		return fmt.Errorf("properties of %s: %w", logicalID, err)
	}
	return nil
}

// functions returns the folder of each function by its logical ID.
func (t template) functions() (map[string]string, error) {
	folders := make(map[string]string)
	for id, resource := range t.Resources {
		if resource.Type != "AWS::Lambda::Function" {
			continue
		}
		var properties struct{ Code struct{ ZipFile string } }
		if err := t.properties(id, &properties); err != nil {
			return nil, err
		}
		folders[id] = path.Clean(properties.Code.ZipFile)
	}
	return folders, nil
}

// builds has the path of the binary of each folder with a function.
type builds struct{ dir string }

func (b builds) binary(folder string) string { return filepath.Join(b.dir, path.Base(folder)) }

// build builds all functions for this machine, otherwise as they are deployed.
func build(ctx context.Context, root, dir string) (builds, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return builds{}, fmt.Errorf("folder for the binaries: %w", err)
	}
	variables, err := settings.Deployed(filepath.Join(root, "Makefile"))
	if err != nil {
		return builds{}, err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", dir+string(filepath.Separator))
	for _, folder := range []string{"trigger", "trigger/*", "steps/*"} {
		mains, err := fs.Glob(os.DirFS(root), folder+"/main.go")
		if err != nil {
			return builds{}, fmt.Errorf("find the functions: %w", err)
		}
		for _, main := range mains {
			cmd.Args = append(cmd.Args, "./"+path.Dir(main))
		}
	}
	cmd.Dir = root
	cmd.Env = append(append(os.Environ(), variables...), "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	if _, err := cmd.Output(); err != nil {
		return builds{}, fmt.Errorf("build the functions: %w", withStderr(err))
	}
	return builds{dir}, nil
}

// withStderr adds what a failed program printed.
func withStderr(err error) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%w\n%s", err, exit.Stderr)
	}
	return err
}

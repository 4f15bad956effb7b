package main

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// place is what the templates of a step are filled with.
type place struct {
	// Module is the path of the Go module.
	Module string
	// State is the state's name, Package its folder's, Result the one of its result.
	State, Package, Result string
	// Exit is the member of the state that says what comes after it.
	Exit string
}

// name is what a state may be called. A function's physical name has the stack's name
// and a random part besides, and 64 characters at most.
var name = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{1,31}$`)

// add adds a step after another one; after the last one if none is named.
func (t *tree) add(state, after string) error {
	states := t.project.States()
	if after == "" {
		after = states[len(states)-1]
	}
	switch {
	case !name.MatchString(state):
		return fmt.Errorf("%q is no name for a state: letters and digits, an upper-case letter first, 32 at most, such as NotifyWebhook", state)
	case !slices.Contains(states, after):
		return fmt.Errorf("there is no state %s to come after: %s", after, strings.Join(states, ", "))
	case t.taken(state):
		return fmt.Errorf("there is a step, a folder or a resource for %s already", state)
	}
	module, err := t.module()
	if err != nil {
		return err
	}
	p := place{
		Module: module, State: state, Package: strings.ToLower(state),
		Result: resultOf(state),
	}
	if err := t.addState(p, after); err != nil {
		return err
	}
	if err := t.addFunction(p); err != nil {
		return err
	}
	if err := t.addFolder(p); err != nil {
		return err
	}
	return t.write()
}

// taken reports whether one of the names that the step gets is in use.
func (t *tree) taken(state string) bool {
	_, err := os.Stat(filepath.Join(t.project.Root, folderOf(state)))
	for _, s := range t.project.Steps {
		if strings.EqualFold(s.State, state) || s.Result == resultOf(state) {
			return true
		}
	}
	return err == nil || strings.Contains(t.template, "\n  "+state+"Function:\n")
}

func (t *tree) module() (string, error) {
	text, err := os.ReadFile(filepath.Join(t.project.Root, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("read the module's name: %w", err)
	}
	m := regexp.MustCompile(`(?m)^module (\S+)$`).FindStringSubmatch(string(text))
	if m == nil {
		return "", errors.New("go.mod names no module")
	}
	return m[1], nil
}

// addState puts the state behind the one that it comes after.
func (t *tree) addState(p place, after string) error {
	before, err := t.stateBlock(after)
	if err != nil {
		return err
	}
	p.Exit = exit.FindString(before)
	block, err := render("state.json.tmpl", p)
	if err != nil {
		return err
	}
	if err := t.leadTo(after, fmt.Sprintf(`"Next": %q`, p.State)); err != nil {
		return err
	}
	if before, err = t.stateBlock(after); err != nil {
		return err
	}
	t.definition = strings.Replace(t.definition, before, before+",\n"+strings.TrimRight(block, "\n"), 1)
	return nil
}

func (t *tree) addFolder(p place) error {
	folder := filepath.Join(t.project.Root, folderOf(p.State))
	if err := os.Mkdir(folder, 0o755); err != nil {
		return fmt.Errorf("folder of the step: %w", err)
	}
	for file, from := range map[string]string{
		"main.go": "main.go.tmpl", p.Package + ".go": "step.go.tmpl", p.Package + "_test.go": "step_test.go.tmpl",
	} {
		text, err := render(from, p)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644); err != nil {
			return fmt.Errorf("write the step: %w", err)
		}
	}
	return nil
}

func render(file string, p place) (string, error) {
	t, err := template.ParseFS(templates, "templates/"+file)
	if err != nil {
		return "", fmt.Errorf("template of a step: %w", err)
	}
	var text strings.Builder
	if err := t.Execute(&text, p); err != nil {
		return "", fmt.Errorf("template of a step: %w", err)
	}
	return text.String(), nil
}

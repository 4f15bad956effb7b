package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"example.com/onboarding/statemachine/dev/project"
)

// The files that a step has a place in.
const (
	definitionFile = "statemachine/onboarding.asl.json"
	templateFile   = "template.yaml"
)

// tree is the project with the texts of the files that a step has a place in.
type tree struct {
	project              *project.Project
	definition, template string
}

func readTree(root string) (*tree, error) {
	p, err := project.Read(root)
	if err != nil {
		return nil, fmt.Errorf("the project as it is: %w", err)
	}
	definition, err := os.ReadFile(filepath.Join(root, definitionFile))
	if err != nil {
		return nil, fmt.Errorf("read the definition: %w", err)
	}
	template, err := os.ReadFile(filepath.Join(root, templateFile))
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	return &tree{p, string(definition), string(template)}, nil
}

// write writes the definition and the template.
func (t *tree) write() error {
	return errors.Join(
		os.WriteFile(filepath.Join(t.project.Root, definitionFile), []byte(t.definition), 0o644),
		os.WriteFile(filepath.Join(t.project.Root, templateFile), []byte(t.template), 0o644),
	)
}

// folderOf is the folder of a state's step, below the root.
func folderOf(state string) string { return "steps/" + strings.ToLower(state) }

// resultOf is the name of its result.
func resultOf(state string) string { return strings.ToLower(state[:1]) + state[1:] }

// stateBlock finds a state in the text of the definition, without what comes after
// its closing brace.
func (t *tree) stateBlock(state string) (block string, err error) {
	block = regexp.MustCompile(`(?ms)^    "` + regexp.QuoteMeta(state) + `": \{\n.*?^    \}`).FindString(t.definition)
	if block == "" {
		return "", fmt.Errorf("%s has no state %s that begins and ends a line with four spaces before it", definitionFile, state)
	}
	return block, nil
}

// exit is the member of a state that says what comes after it.
var exit = regexp.MustCompile(`"End": true|"Next": "\w+"`)

// leadTo makes a state lead to the next one as the exit says.
func (t *tree) leadTo(state, exitText string) error {
	block, err := t.stateBlock(state)
	if err != nil {
		return err
	}
	if len(exit.FindAllString(block, -1)) != 1 {
		return fmt.Errorf("the state %s has not one End or Next", state)
	}
	t.definition = strings.Replace(t.definition, block, exit.ReplaceAllLiteralString(block, exitText), 1)
	return nil
}

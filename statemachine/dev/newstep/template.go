package main

import (
	"fmt"
	"regexp"
	"strings"
)

// resourceBlock finds a resource in the text of the template, with the empty lines
// behind it.
func (t *tree) resourceBlock(logicalID string) (string, error) {
	block := regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(logicalID) + `:\n(?:(?:    .*)?\n)*`).FindString(t.template)
	if block == "" {
		return "", fmt.Errorf("%s has no resource %s", templateFile, logicalID)
	}
	return block, nil
}

// addFunction puts the step's function behind the one of the last step, lets the state
// machine invoke it, and hands its ARN to the definition.
func (t *tree) addFunction(p place) error {
	last := t.project.Steps[len(t.project.Steps)-1].State
	block, err := t.resourceBlock(last + "Function")
	if err != nil {
		return err
	}
	function, err := render("function.yaml.tmpl", p)
	if err != nil {
		return err
	}
	t.template = strings.Replace(t.template, block, block+function, 1)
	for what, line := range map[string]string{
		"substitution in the state machine": `(?m)^ +` + last + `FunctionArn: !GetAtt ` + last + `Function\.Arn\n`,
		"permission of the state machine":   `(?m)^ +- !GetAtt ` + last + `Function\.Arn\n`,
	} {
		lines := regexp.MustCompile(line).FindAllString(t.template, -1)
		if len(lines) != 1 {
			return fmt.Errorf("%s has %d lines with the %s for %sFunction, want one", templateFile, len(lines), what, last)
		}
		t.template = strings.Replace(t.template, lines[0], lines[0]+strings.ReplaceAll(lines[0], last, p.State), 1)
	}
	return nil
}

// removeFunction takes the function out, every line or element of a list that refers to
// it or to its role, and policies that are left without a role.
func (t *tree) removeFunction(state string) error {
	block, err := t.resourceBlock(state + "Function")
	if err != nil {
		return err
	}
	t.template = strings.Replace(t.template, block, "", 1)
	own := `\b` + state + `Function(?:Arn|Role)?\b`
	inList := regexp.MustCompile(`(?m)(\[(?:[^\[\]\n]*, )?)!(?:Ref|GetAtt) ` + own + `[\w.]*(?:, )?([^\[\]\n]*\])`)
	t.template = inList.ReplaceAllString(t.template, "$1$2")
	t.template = regexp.MustCompile(`, \]`).ReplaceAllLiteralString(t.template, "]")
	for _, policy := range regexp.MustCompile(`(?m)^  (\w+):\n    Type: AWS::IAM::Policy\n`).FindAllStringSubmatch(t.template, -1) {
		block, err := t.resourceBlock(policy[1])
		if err != nil {
			return err
		}
		if strings.Contains(block, "\n      Roles: []\n") {
			t.template = strings.Replace(t.template, block, "", 1)
		}
	}
	t.template = regexp.MustCompile(`(?m)^.*`+own+`.*\n`).ReplaceAllLiteralString(t.template, "")
	return nil
}

package main

import (
	"fmt"
	"regexp"
	"strings"
)

// sectionsEnd begins the line of the template that comes after the steps' sections.
const sectionsEnd = "  # The sections of the steps end here"

// section finds what the template has for one step alone: from the line "# Step" and
// the state's name to the next one, or to the end of them all.
func (t *tree) section(state string) (string, error) {
	_, rest, found := strings.Cut(t.template, "\n  # Step "+state)
	if !found {
		return "", fmt.Errorf("%s has no section that begins with # Step %s", templateFile, state)
	}
	end := strings.Index(rest, sectionsEnd)
	for _, other := range t.project.States() {
		if i := strings.Index(rest, "  # Step "+other); i >= 0 && (end < 0 || i < end) {
			end = i
		}
	}
	if end < 0 {
		return "", fmt.Errorf("%s has no line %q", templateFile, sectionsEnd)
	}
	return "  # Step " + state + rest[:end], nil
}

// addFunction makes the step's section, lets the state machine invoke its function, and
// hands the function's ARN to the definition.
func (t *tree) addFunction(p place) error {
	section, err := render("section.yaml.tmpl", p)
	if err != nil {
		return err
	}
	if !strings.Contains(t.template, sectionsEnd) {
		return fmt.Errorf("%s has no line %q", templateFile, sectionsEnd)
	}
	t.template = strings.Replace(t.template, sectionsEnd, section+sectionsEnd, 1)
	last := t.project.Steps[len(t.project.Steps)-1].State
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

var (
	logicalID = regexp.MustCompile(`(?m)^  (\w+):$`)
	output    = regexp.MustCompile(`(?m)^  \w+:\n(?:    .*\n)+`)
)

// removeFunction takes the step's section out, the outputs that tell of what is in it,
// and each line elsewhere that refers to that. It returns the section.
func (t *tree) removeFunction(state string) (section string, err error) {
	section, err = t.section(state)
	if err != nil {
		return "", err
	}
	t.template = strings.Replace(t.template, section, "", 1)
	var ids []string
	for _, id := range logicalID.FindAllStringSubmatch(section, -1) {
		ids = append(ids, id[1])
	}
	gone := `\b(?:` + strings.Join(ids, "|") + `)\b`
	resources, outputs, found := strings.Cut(t.template, "\nOutputs:\n")
	if found {
		named := regexp.MustCompile(gone)
		outputs = output.ReplaceAllStringFunc(outputs, func(block string) string {
			if named.MatchString(block) {
				return ""
			}
			return block
		})
		t.template = resources + "\nOutputs:\n" + outputs
	}
	t.template = regexp.MustCompile(`(?m)^.*(?:`+gone+`|\b`+state+`FunctionArn\b).*\n`).ReplaceAllLiteralString(t.template, "")
	return section, nil
}

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// remove takes a step out of its three places.
func (t *tree) remove(state string) error {
	states := t.project.States()
	i := slices.Index(states, state)
	switch {
	case i < 0:
		return fmt.Errorf("there is no state %q: %s", state, strings.Join(states, ", "))
	case len(states) == 1:
		return errors.New("it is the only step: a state machine has at least one state")
	}
	if err := t.removeState(state, states, i); err != nil {
		return err
	}
	section, err := t.removeFunction(state)
	if err != nil {
		return err
	}
	if err := t.write(); err != nil {
		return err
	}
	for _, f := range t.project.Functions { // there may be more than the step's in its section
		if !strings.Contains(section, "\n  "+f.LogicalID+":\n") {
			continue
		}
		if err := os.RemoveAll(filepath.Join(t.project.Root, f.Folder)); err != nil {
			return fmt.Errorf("remove the folder: %w", err)
		}
	}
	return nil
}

// removeState takes the state out of the definition, and has what comes before it lead
// to what comes after it.
func (t *tree) removeState(state string, states []string, i int) error {
	block, err := t.stateBlock(state)
	if err != nil {
		return err
	}
	if i == 0 {
		t.definition = strings.Replace(t.definition, fmt.Sprintf(`"StartAt": %q`, state), fmt.Sprintf(`"StartAt": %q`, states[1]), 1)
	} else if err := t.leadTo(states[i-1], exit.FindString(block)); err != nil {
		return err
	}
	// The comma before it goes with it, or the one behind the first.
	alone := regexp.MustCompile(`,\n` + regexp.QuoteMeta(block) + `|` + regexp.QuoteMeta(block) + `,\n`)
	t.definition = alone.ReplaceAllLiteralString(t.definition, "")
	return nil
}

// mentions are the lines of the template that still name the state: an alarm on one of
// its metrics, say.
func (t *tree) mentions(state string) (lines []string) {
	named := regexp.MustCompile(`\b` + regexp.QuoteMeta(state) + `\b`)
	for n, line := range strings.Split(t.template, "\n") {
		if named.MatchString(line) {
			lines = append(lines, fmt.Sprintf("%s:%d: %s", templateFile, n+1, strings.TrimSpace(line)))
		}
	}
	return lines
}

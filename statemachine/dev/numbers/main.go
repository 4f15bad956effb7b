// Command numbers prints what follows from the definition, the template and what was
// measured: how long each error is retried, what a burst of sign-ups does, what a
// million onboardings cost, and which calls each function makes. With -update it writes
// that into NUMBERS.md. It fails if a goal for bursts is missed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/onboarding/statemachine/dev/numbers/burst"
	"example.com/onboarding/statemachine/dev/numbers/cost"
	"example.com/onboarding/statemachine/dev/numbers/usage"
	"example.com/onboarding/statemachine/dev/project"
	"example.com/onboarding/statemachine/dev/section"
)

const (
	document = "statemachine/NUMBERS.md"
	seed     = 1 // the same random numbers in every run
)

func main() {
	update := flag.Bool("update", false, "write the sections into "+document)
	flag.Parse()
	if err := run(".", *update); err != nil {
		fmt.Fprintln(os.Stderr, "numbers:", err)
		os.Exit(1)
	}
}

func run(root string, update bool) error {
	in, err := read(root)
	if err != nil {
		return err
	}
	results, err := in.simulate(burst.Scenarios())
	if err != nil {
		return err
	}
	texts := append(in.sections(), named{"bursts", burstTable(results)})
	for _, s := range texts {
		fmt.Println(s.text + "\n")
		if update {
			if err := section.Keep(filepath.Join(root, document), s.name, s.text, true); err != nil {
				return err
			}
		}
	}
	return goals(results)
}

// input is what the numbers follow from.
type input struct {
	project    *project.Project
	usage      usage.Usage
	onboarding *cost.Onboarding
}

func read(root string) (input, error) {
	p, err := project.Read(root)
	if err != nil {
		return input{}, err
	}
	u, err := usage.Read(root)
	if err != nil {
		return input{}, err
	}
	o, err := cost.New(p, u)
	return input{p, u, o}, err
}

// named is a section of the document.
type named struct{ name, text string }

// sections are those that take no simulation.
func (in input) sections() []named {
	return []named{{"retries", retryTable(in.project)}, {"cost", costTable(in.onboarding)}, {"usage", in.usageTable()}}
}

// simulate returns the results of the scenarios.
func (in input) simulate(scenarios []burst.Scenario) ([]burst.Result, error) {
	var states []burst.State
	for _, s := range in.project.Steps {
		states = append(states, burst.State{Name: s.State, Retriers: s.Definition.Retry, Calls: in.usage.Functions[s.Function.Name].Done.Calls})
	}
	var results []burst.Result
	for _, s := range scenarios {
		r, err := burst.Simulate(s, states, seed)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// goals is the error of the goals that are missed.
func goals(results []burst.Result) error {
	var failures []error
	for _, r := range results {
		if missed := r.Missed(); len(missed) > 0 {
			failures = append(failures, fmt.Errorf("the goal of the burst %q is missed: %s", r.Scenario.Name, strings.Join(missed, ", ")))
		}
	}
	return errors.Join(failures...)
}

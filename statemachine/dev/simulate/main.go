// Command simulate answers what a burst of sign-ups does to the workflow, by a
// discrete-event simulation: when the last user is mailed compared with what the
// quotas of AWS allow, how many state transitions that takes, and whether anybody is
// lost. It reads the retries from onboarding.asl.json itself. The make target
// simulate calls it; BURSTS.md has the answers, and says what is simulated.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"example.com/onboarding/statemachine"
)

// What is written, as seen from the root of the project.
const (
	document = "statemachine/BURSTS.md"
	series   = ".local/bursts.json"
)

type options struct {
	Update bool   `help:"Write the tables into the document, and what the picture is drawn from."`
	Seed   uint64 `help:"Seed of the random numbers: the same seed gives the same answers." default:"1"`
}

func main() {
	var o options
	kong.Parse(&o, kong.Description("Simulate bursts of sign-ups."))
	if err := o.run(); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

func (o options) run() error {
	steps, err := readDefinition(statemachine.Definition)
	if err != nil {
		return err
	}
	results, err := runAll(everyMode(scenarios(), steps), o.Seed)
	if err != nil {
		return err
	}
	jobs := otherRetries(retryScenarios(), steps)
	others, err := runAll(jobs, o.Seed)
	if err != nil {
		return err
	}
	tables := map[string]string{"bursts": burstTable(results), "retries": retryTable(jobs, others), "quotas": quotaTable()}
	fmt.Printf("%s\n%s\n%s", tables["bursts"], tables["retries"], goalLines(results))
	if o.Update {
		if err := writeTables(document, tables); err != nil {
			return err
		}
		if err := writeSeries(series, results); err != nil {
			return err
		}
	}
	return missedByAll(results)
}

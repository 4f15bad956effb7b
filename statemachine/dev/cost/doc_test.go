package cost_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/cost"
	"example.com/onboarding/statemachine/dev/project"
)

const (
	costDoc = "../../COST.md"
	million = 1e6
)

var update = flag.Bool("update", false, "write COST.md")

// failing are the columns of the tables: which part of the attempts fails once.
var failing = []float64{0, 0.01, 0.10}

// TestCostDoc compares COST.md with what follows from the template, the definition, the
// measured usage and the prices.
func TestCostDoc(t *testing.T) {
	got := costText(t, onboarding(t))
	if *update {
		if err := os.WriteFile(costDoc, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(costDoc)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is stale (make docs mends it): it should be\n%s", costDoc, got)
	}
}

func costText(t *testing.T, o *cost.Onboarding) string {
	t.Helper()
	var uses []cost.Use
	for _, f := range failing {
		uses = append(uses, use(t, o, million, f))
	}
	happy := uses[0]
	var b strings.Builder
	fmt.Fprintf(&b, intro, happy.Dollars(), happy.Dollars(cost.Mail), happy.Orchestration(), happy.Lambda(), ownShare(happy))
	writeUses(&b, uses)
	fmt.Fprintf(&b, afterUses, happy[cost.Trace]/million*100, cost.Traces(million, 24*3600)/million*100)
	writeMonth(t, &b, o)
	writeWays(t, &b, o)
	writeStates(t, &b, o)
	writePrices(&b)
	seconds := happy.Dollars(cost.ArmSecond, cost.X86Second)
	fmt.Fprintf(&b, assumptions, cost.CallMillis, cost.CPUMillis, cost.ColdStarts*100, cost.InitMillis,
		money(seconds), money(10*seconds), happy.Dollars(cost.Transition)/(happy.Own()+9*seconds)*100,
		cost.ExpressOverheadMillis, cost.ExpressMB, cost.DurableBytes/1000.0, cost.SpreadDays, cost.LineBytes)
	return b.String()
}

// ownShare is the part of the workflow's own cost that is state transitions, in percent.
func ownShare(u cost.Use) float64 { return u.Dollars(cost.Transition) / u.Own() * 100 }

func writeUses(b *strings.Builder, uses []cost.Use) {
	row := func(name string, units func(cost.Use) string, dollars func(cost.Use) float64) {
		fmt.Fprintf(b, "| %s | %s |", name, units(uses[0]))
		for _, u := range uses {
			fmt.Fprintf(b, " %s |", money(dollars(u)))
		}
		b.WriteString("\n")
	}
	for _, p := range cost.Running() {
		if uses[len(uses)-1][p] == 0 {
			continue
		}
		row(p.What, func(u cost.Use) string { return number(u[p]) }, func(u cost.Use) float64 { return u.Dollars(p) })
	}
	none := func(cost.Use) string { return "" }
	row("**in all**", none, func(u cost.Use) float64 { return u.Dollars() })
	row("of that, the workflow's own: transitions and Lambda", none, cost.Use.Own)
	fmt.Fprint(b, "| transitions in the workflow's own |  |")
	for _, u := range uses {
		fmt.Fprintf(b, " %.1f %% |", ownShare(u))
	}
	b.WriteString("\n")
}

// writeMonth writes what is paid by the month. The metrics are those that package
// metrics lists, and the alarms those whose cost the runbook states.
func writeMonth(t *testing.T, b *strings.Builder, o *cost.Onboarding) {
	t.Helper()
	n, err := o.Transitions()
	if err != nil {
		t.Fatal(err)
	}
	alarms := float64(len(matches(t, "../../../template.yaml", `(?m)^ +(MetricName): \w`)))
	least, most := float64(1+2*n), float64(metricsAtMost(t))
	polls := float64(cost.PollsAMinute * 60 * 24 * cost.SpreadDays)
	fmt.Fprintf(b, month, least, money(cost.Metric.Of(least)), most, money(cost.Metric.Of(most)),
		alarms, money(cost.Alarm.Of(alarms)), money(cost.Key.Of(1)), number(polls), money(cost.QueueCall.Of(polls)))
}

// metricsAtMost counts as the comment of package metrics says.
func metricsAtMost(t *testing.T) int {
	t.Helper()
	p, err := project.Read("../../..")
	if err != nil {
		t.Fatal(err)
	}
	sum := 4
	for _, step := range p.Steps {
		sum += 7 + 2*len(step.Reasons)
	}
	return sum
}

func writePrices(b *strings.Builder) {
	b.WriteString(prices)
	for _, p := range append(append(cost.Running(), cost.Monthly()...), cost.Others()...) {
		fmt.Fprintf(b, "| %s | $%g for %s | [%s](https://aws.amazon.com/%s) | %s |\n", p.What, p.Dollars, number(p.Per), p.Page, p.Page, p.Seen)
	}
}

package main

import (
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/montanaflynn/stats"

	"example.com/onboarding/statemachine/dev/numbers/burst"
	"example.com/onboarding/statemachine/dev/numbers/cost"
)

// burstTable has a column for each result, because there are few of them.
func burstTable(results []burst.Result) string {
	t := table.NewWriter()
	head := table.Row{"burst"}
	for _, r := range results {
		head = append(head, r.Scenario.Name)
	}
	t.AppendHeader(head)
	row := func(title string, cell func(burst.Result) string) {
		cells := table.Row{title}
		for _, r := range results {
			cells = append(cells, cell(r))
		}
		t.AppendRow(cells)
	}
	row("the quotas allow", func(r burst.Result) string { return short(r.Limit) })
	row("the last onboarded after", func(r burst.Result) string { return short(r.Last) })
	row("÷ what the quotas allow (goal)", func(r burst.Result) string { return goal(r.OfLimit(), "%.2f", r, ofLimit) })
	row("transitions a user (goal)", func(r burst.Result) string { return goal(r.PerUser(), "%.1f", r, perUser) })
	row("most transitions of a user", func(r burst.Result) string { return number(float64(r.Most)) })
	row("transitions, $ a user", func(r burst.Result) string { return fmt.Sprintf("%.6f", cost.Transition.Of(r.PerUser())) })
	row("first state after, p50; p99", func(r burst.Result) string { return percentiles(r.First) })
	row("onboarded after, p50; p99", func(r burst.Result) string { return percentiles(r.Done) })
	row("functions at once", func(r burst.Result) string { return number(float64(r.Functions)) })
	row("stopped; turned away", func(r burst.Result) string {
		return number(float64(r.Stopped)) + "; " + number(float64(r.TurnedAway))
	})
	return t.RenderMarkdown()
}

func ofLimit(g burst.Goal) float64 { return g.OfLimit }
func perUser(g burst.Goal) float64 { return g.Transitions }

// goal writes a figure, and beside it what it may be at most.
func goal(got float64, format string, r burst.Result, most func(burst.Goal) float64) string {
	text := fmt.Sprintf(format, got)
	if r.Scenario.Goal != nil && most(*r.Scenario.Goal) > 0 {
		text += fmt.Sprintf(" (%g)", most(*r.Scenario.Goal))
	}
	return text
}

func percentiles(seconds []float64) string {
	return percentile(seconds, 50) + "; " + percentile(seconds, 99)
}

func percentile(seconds []float64, percent float64) string {
	p, err := stats.PercentileNearestRank(seconds, percent)
	if err != nil {
		return "nobody"
	}
	return short(time.Duration(p * float64(time.Second)))
}

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"example.com/onboarding/statemachine/dev/numbers/retry"
	"example.com/onboarding/statemachine/dev/project"
	"example.com/onboarding/statemachine/internal/asl"
)

// lasting are the durations of an error of which the table has the retries.
var lasting = []time.Duration{time.Minute, time.Hour, 24 * time.Hour}

// retried are the errors of some states that are retried alike.
type retried struct {
	states, errors []string
	// cells are the rest of the row.
	cells table.Row
}

// retryTable has a row for the errors that are retried alike, in the states that retry
// them alike.
func retryTable(p *project.Project) string {
	var all []retried
	for _, s := range p.Steps {
		for _, r := range retriedBy(s.Definition.Retry) {
			i := slices.IndexFunc(all, func(other retried) bool {
				return slices.Equal(other.errors, r.errors) && slices.Equal(other.cells, r.cells)
			})
			if i < 0 {
				all = append(all, r)
				i = len(all) - 1
			}
			all[i].states = append(all[i].states, s.State)
		}
	}
	t := table.NewWriter()
	head := table.Row{"state", "error"}
	for _, d := range lasting {
		head = append(head, "retries in "+short(d))
	}
	t.AppendHeader(append(head, "at most", "lasting on average", "at the longest"))
	for _, r := range all {
		states := strings.Join(r.states, ", ")
		if len(r.states) == len(p.Steps) {
			states = "each"
		}
		t.AppendRow(append(table.Row{states, strings.Join(r.errors, ", ")}, r.cells...))
	}
	return t.RenderMarkdown()
}

// retriedBy returns the errors that the retriers take, those together that they retry
// alike.
func retriedBy(retriers []asl.Retrier) []retried {
	var all []retried
	for _, r := range retriers {
		for _, name := range r.ErrorEquals {
			cells := retriesOf(retriers, name)
			i := slices.IndexFunc(all, func(other retried) bool { return slices.Equal(other.cells, cells) })
			if i < 0 {
				all = append(all, retried{cells: cells})
				i = len(all) - 1
			}
			all[i].errors = append(all[i].errors, name)
		}
	}
	return all
}

func retriesOf(retriers []asl.Retrier, errorName string) table.Row {
	most, mean := retry.During(retry.Forever, retriers, errorName, retry.Mean)
	_, longest := retry.During(retry.Forever, retriers, errorName, retry.Longest)
	var cells table.Row
	for _, d := range lasting {
		n, waited := retry.During(d, retriers, errorName, retry.Mean)
		if waited < d {
			cells = append(cells, "given up")
			continue
		}
		cells = append(cells, n)
	}
	return append(cells, most, short(mean), short(longest))
}

// short writes a duration with two or three digits.
func short(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%.3g h", d.Hours())
	case d >= time.Minute:
		return fmt.Sprintf("%.3g min", d.Minutes())
	case d >= time.Second:
		return fmt.Sprintf("%.3g s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

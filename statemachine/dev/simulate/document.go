package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"example.com/onboarding/statemachine/dev/section"
)

// writeTables puts the tables, by their names, between their markers in the document.
func writeTables(path string, tables map[string]string) error {
	var all []section.Section
	for name, table := range tables {
		all = append(all, section.Section{Begin: begin(name), End: end(name), Text: table})
	}
	return section.Write(path, all...)
}

// begin and end are the markers of a table.
func begin(name string) string { return "<!-- " + name + ": made by make simulate UPDATE=1 -->\n" }

func end(name string) string { return "<!-- end of " + name + " -->" }

// plot is what the picture is drawn from.
type plot struct {
	Title string `json:"title"`
	// Limit is the physical limit, in minutes.
	Limit float64 `json:"limit"`
	// Most is the goal, as a multiple of the limit.
	Most   float64 `json:"most"`
	Points []mark  `json:"points"`
}

// mark is how many users wait for something at one time.
type mark struct {
	Minutes float64 `json:"minutes"`
	Mode    string  `json:"mode"`
	For     string  `json:"for"`
	Users   int     `json:"users"`
}

// newPlot returns the plot of those of the results that have a series.
func newPlot(results []result) plot {
	var p plot
	for _, r := range results {
		if r.series == nil {
			continue
		}
		p.Title, p.Limit, p.Most = r.scenario.name, r.limit.Minutes(), r.scenario.goal.ofLimit
		for _, at := range r.series {
			p.Points = append(p.Points,
				mark{at.at.Minutes(), r.mode.name, "the group", at.confirmed - at.grouped},
				mark{at.at.Minutes(), r.mode.name, "the mail", at.grouped - at.mailed})
		}
	}
	return p
}

// writeSeries writes what the picture is drawn from.
func writeSeries(path string, results []result) error {
	text, err := json.Marshal(newPlot(results))
	if err != nil {
		return fmt.Errorf("encode the series: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the folder of the series: %w", err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return fmt.Errorf("write the series: %w", err)
	}
	return nil
}

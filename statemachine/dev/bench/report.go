package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"example.com/onboarding/statemachine/dev/section"
)

// tables returns the tables by the name that the document has for them.
func (r results) tables() []table {
	tables := []table{{"machine", r.conditions()}, {"goals", r.goalTable()}, {"plain", r.ratios(r.plain)}}
	if len(r.tls) > 0 {
		tables = append(tables, table{"tls", r.ratios(r.tls)}, table{"tls-absolute", r.absolutes(r.tls)})
	}
	if len(r.models) > 0 {
		tables = append(tables, table{"sizes", r.sizeTable()}, table{"memory", r.memoryTable()})
	}
	return tables
}

type table struct{ name, text string }

// conditions tells what was measured on, and how often.
func (r results) conditions() string {
	return fmt.Sprintf("%s, %d CPUs, %s, Linux %s, %s, Node.js %s; medians of %d interleaved rounds,\n"+
		"each with a new process of every function and %d invocations after the first (%d on the TLS\n"+
		"path); %d root certificates, which Go reads %d times. Memory sizes: %d rounds, and %v for a call.\n",
		r.machine.CPU, r.machine.CPUs, r.machine.System, r.machine.Kernel, r.machine.Go, r.machine.Node,
		r.options.rounds, r.options.invocations, r.options.limitedInvocations(), r.roots, r.options.rootReads, r.options.modelRounds(), r.options.latency)
}

// places returns the tables, each with its markers in the document.
func places(tables []table) []section.Section {
	var all []section.Section
	for _, t := range tables {
		all = append(all, section.Section{
			Begin: "<!-- make bench UPDATE=1 writes this: " + t.name + " -->\n", End: "<!-- end -->", Text: "\n" + t.text + "\n",
		})
	}
	return all
}

// measured is the JSON of one function on one path. The ratios are those to hello.
type measured struct {
	Function string             `json:"function"`
	Medians  map[string]float64 `json:"medians"`
	Ratios   map[string]ratio   `json:"ratios"`
	ZipBytes int64              `json:"zipBytes"`
}

func (r results) measured(in map[string][]sample) []measured {
	var all []measured
	for _, s := range r.all {
		m := measured{s.name, make(map[string]float64), make(map[string]ratio), s.zip}
		for _, c := range columns {
			values := each(in[s.name], c.of)
			m.Medians[c.Title+unit(c)] = median(values)
			m.Ratios[c.Title] = ratioOf(values, each(in[hello], c.of))
		}
		all = append(all, m)
	}
	return all
}

// writeJSON writes everything to a file.
func (r results) writeJSON(name string) error {
	document := map[string]any{
		"machine": r.machine, "rounds": r.options.rounds, "invocations": r.options.invocations,
		"goals": r.goals(), "plain": r.measured(r.plain),
	}
	if len(r.tls) > 0 {
		document["tls"] = r.measured(r.tls)
	}
	if len(r.models) > 0 {
		document["memory"] = r.models
	}
	data, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return fmt.Errorf("marshal the results: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("folder of the results: %w", err)
	}
	if err := os.WriteFile(name, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

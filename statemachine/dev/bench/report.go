package main

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"runtime"

	"github.com/jedib0t/go-pretty/v6/table"
)

// report is the section of the document: what was measured on, the goals, and all
// functions.
func (r results) report() string {
	return r.conditions() + "\n\n" + r.goalTable() + "\n\n" + r.functionTable()
}

// conditions tells what was measured on, and how often.
func (r results) conditions() string {
	cpu := []byte("a CPU")
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if name := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(info); name != nil {
			cpu = name[1]
		}
	}
	return fmt.Sprintf("%s (%d), %s/%s, %s; medians of %d interleaved rounds, each with a new process of every\n"+
		"function and %d invocations after the first (%d with TLS); Go reads the system's roots %d times.",
		cpu, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		r.options.rounds, r.options.invocations, r.options.limitedInvocations(), r.options.rootReads)
}

func (r results) goalTable() string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"goal", "measured", "at most", ""})
	for _, g := range r.goals() {
		t.AppendRow(table.Row{g.what, number(g.got) + g.unit, number(g.most), g.verdict()})
	}
	return t.RenderMarkdown()
}

// functionTable has what was measured without TLS as ratios to hello, whose row has the
// figures themselves, and what was measured with TLS in milliseconds.
func (r results) functionTable() string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{
		"function", "init", "first invocation", "warm, p50", "CPU, warm", "memory", "zip, MB",
		"TLS: cold, ms", "warm, p50, ms", "CPU, ms",
	})
	for _, s := range r.all {
		row := table.Row{s.name}
		for _, of := range []func(sample) float64{ofInit, ofFirst, ofP50, ofCPU} {
			row = append(row, r.relative(s.name, of, " ms"))
		}
		row = append(row, r.relative(s.name, ofMemory, " MB"), fmt.Sprintf("%.2f", float64(s.zip)/1e6))
		for _, of := range []func(sample) float64{ofCold, ofP50, ofCPU} {
			row = append(row, number(median(r.tls[s.name], of)))
		}
		t.AppendRow(row)
	}
	return t.RenderMarkdown()
}

func (r results) relative(name string, of func(sample) float64, unit string) string {
	if name == hello {
		return number(median(r.plain[hello], of)) + unit
	}
	return number(r.ratio(r.plain, name, hello, of))
}

// number writes a number with three digits, or with all before the point.
func number(x float64) string {
	if x == 0 || math.IsNaN(x) {
		return "–"
	}
	digits := max(2-int(math.Floor(math.Log10(math.Abs(x)))), 0)
	return fmt.Sprintf("%.*f", min(digits, 4), x)
}

package main

import (
	"fmt"
	"math"
	"strings"

	"example.com/onboarding/statemachine/dev/cost"
)

// column is a column of a table: what is measured.
type column struct {
	Title string
	of    func(sample) float64
}

var columns = []column{
	{"init", ofInit},
	{"first invocation", ofFirst},
	{"both", ofCold},
	{"warm p50", ofP50},
	{"warm p99", ofP99},
	{"CPU, warm", ofCPU},
	{"memory", ofMemory},
}

// number writes a number with three digits, or with all before the point.
func number(x float64) string {
	if x == 0 || math.IsNaN(x) {
		return fmt.Sprint(x)
	}
	digits := max(2-int(math.Floor(math.Log10(math.Abs(x)))), 0)
	return fmt.Sprintf("%.*f", min(digits, 4), x)
}

func header(b *strings.Builder, titles ...string) {
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(titles, " | "), strings.Repeat("---|", len(titles)))
}

// ratios is a table of the ratios to hello: of the medians, and the quartiles of the
// rounds. The row of hello has the medians themselves.
func (r results) ratios(in map[string][]sample) string {
	var b strings.Builder
	titles := []string{"function"}
	for _, c := range columns {
		titles = append(titles, c.Title)
	}
	header(&b, append(titles, "zip")...)
	for _, s := range r.all {
		cells := []string{s.name}
		for _, c := range columns {
			values := each(in[s.name], c.of)
			if s.name == hello {
				cells = append(cells, number(median(values))+unit(c))
				continue
			}
			q := ratioOf(values, each(in[hello], c.of))
			cells = append(cells, fmt.Sprintf("**%s** (%s–%s)", number(q.Medians), number(q.Low), number(q.High)))
		}
		fmt.Fprintf(&b, "| %s | %.2f MB |\n", strings.Join(cells, " | "), float64(s.zip)/1e6)
	}
	return b.String()
}

func unit(c column) string {
	if c.Title == "memory" {
		return " MB"
	}
	return " ms"
}

// absolutes is a table of medians.
func (r results) absolutes(in map[string][]sample) string {
	var b strings.Builder
	titles := []string{"function"}
	for _, c := range columns {
		titles = append(titles, c.Title+","+unit(c))
	}
	header(&b, titles...)
	for _, s := range r.all {
		cells := []string{s.name}
		for _, c := range columns {
			cells = append(cells, number(median(each(in[s.name], c.of))))
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}

// goalTable is a table of the goals.
func (r results) goalTable() string {
	var b strings.Builder
	header(&b, "goal", "measured", "at most", "")
	for _, g := range r.goals() {
		verdict := "missed"
		if g.met() {
			verdict = "met"
		}
		fmt.Fprintf(&b, "| %s | %s%s | %s | %s by %.0f %% |\n", g.What, number(g.Got), g.Unit, number(g.Most), verdict, 100*math.Abs(g.Got/g.Most-1))
	}
	return b.String()
}

// sizeTable is a table of what a million onboardings cost with each memory size.
func (r results) sizeTable() string {
	var b strings.Builder
	header(&b, "memory", "all cold, arm64", "all warm, arm64", "all warm, x86-64", "the user waits, cold", "warm")
	for _, size := range sizes {
		fmt.Fprintf(&b, "| %d MB | $%.2f | $%.2f | $%.2f | %s | %s |\n", size,
			r.onboarding(size, ofColdBilled, cost.ArmSecond), r.onboarding(size, ofWarmBilled, cost.ArmSecond),
			r.onboarding(size, ofWarmBilled, cost.X86Second), r.waits(size, func(m modelled) float64 { return m.Cold }),
			r.waits(size, func(m modelled) float64 { return m.Warm }))
	}
	return b.String()
}

// waits is how long the trigger takes.
func (r results) waits(memoryMB int, time func(modelled) float64) string {
	for _, m := range r.models {
		if m.Function == trigger && m.MemoryMB == memoryMB {
			return number(time(m)) + " ms"
		}
	}
	return "not measured"
}

// memoryTable is a table of each function with each memory size.
func (r results) memoryTable() string {
	var b strings.Builder
	header(&b, "function", "memory", "cold", "warm", "a million cold, arm64", "a million warm, arm64", "a million warm, x86-64")
	for _, m := range r.models {
		fmt.Fprintf(&b, "| %s | %d MB | %s ms | %s ms | $%.2f | $%.2f | $%.2f |\n", m.Function, m.MemoryMB, number(m.Cold), number(m.Warm),
			m.dollars(m.ColdBilled, cost.ArmSecond), m.dollars(m.WarmBilled, cost.ArmSecond), m.dollars(m.WarmBilled, cost.X86Second))
	}
	return b.String()
}

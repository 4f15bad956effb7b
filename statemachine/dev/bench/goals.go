package main

import (
	"fmt"
	"math"
	"slices"
)

// goal is an upper limit, and what was measured.
type goal struct {
	What string  `json:"what"`
	Got  float64 `json:"got"`
	Most float64 `json:"most"`
	Unit string  `json:"unit"`
}

func (g goal) met() bool { return g.Got <= g.Most }

// String says by how much the goal is met or missed.
func (g goal) String() string {
	verdict := "MISSED"
	if g.met() {
		verdict = "met"
	}
	away := "below"
	if g.Got > g.Most {
		away = "above"
	}
	return fmt.Sprintf("%s: %s%s, at most %s%s: %s, %.0f %% %s", g.What, number(g.Got), g.Unit, number(g.Most), g.Unit,
		verdict, 100*math.Abs(g.Got/g.Most-1), away)
}

// The goals. Ratios are of medians, to the function that is named.
const (
	triggerInit   = 1.25
	triggerMemory = 1.25
	triggerZipMB  = 3.4
	triggerCPU    = 1.9
	stepInit      = 1.5
	coldToDefault = 0.10
	coldToNode    = 1.0 / 35
)

// goals returns those whose functions were measured.
func (r results) goals() []goal {
	var g []goal
	if slices.ContainsFunc(r.all, func(s subject) bool { return s.name == trigger }) {
		g = append(g,
			goal{"trigger, plain: init", r.ratio(r.plain, trigger, hello, ofInit), triggerInit, " × hello"},
			goal{"trigger, plain: memory", r.ratio(r.plain, trigger, hello, ofMemory), triggerMemory, " × hello"},
			goal{"trigger, plain: CPU of a warm invocation", r.ratio(r.plain, trigger, hello, ofCPU), triggerCPU, " × hello"},
			goal{"trigger: zip", r.zipMB(trigger), triggerZipMB, " MB"})
	}
	for _, s := range r.all {
		if s.isStep() {
			g = append(g, goal{s.name + ", plain: init", r.ratio(r.plain, s.name, hello, ofInit), stepInit, " × hello"})
		}
	}
	if len(r.tls) > 0 {
		g = append(g,
			goal{"trigger, TLS: init and first invocation", r.ratio(r.tls, trigger, sdkDefault, ofCold), coldToDefault, " × SDK defaults"},
			goal{"trigger, TLS: init and first invocation", r.ratio(r.tls, trigger, nodeJS, ofCold), coldToNode, " × Node.js example"},
			goal{"trigger, TLS: CPU of a warm invocation", median(each(r.tls[trigger], ofCPU)), millis(quotaOf(sizes[0])), " ms"})
	}
	return slices.DeleteFunc(g, func(g goal) bool { return math.IsNaN(g.Got) }) // not measured
}

func (r results) ratio(in map[string][]sample, name, base string, of func(sample) float64) float64 {
	return ratioOf(each(in[name], of), each(in[base], of)).Medians
}

func (r results) zipMB(name string) float64 {
	for _, s := range r.all {
		if s.name == name {
			return float64(s.zip) / 1e6
		}
	}
	return math.NaN()
}

func ofInit(s sample) float64   { return s.Init }
func ofFirst(s sample) float64  { return s.First }
func ofCold(s sample) float64   { return s.Init + s.First }
func ofP50(s sample) float64    { return s.P50 }
func ofP99(s sample) float64    { return s.P99 }
func ofCPU(s sample) float64    { return s.CPU }
func ofMemory(s sample) float64 { return s.Memory }

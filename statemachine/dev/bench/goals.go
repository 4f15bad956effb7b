package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/montanaflynn/stats"
)

// goal is an upper limit, and what was measured.
type goal struct {
	what      string
	got, most float64
	unit      string
}

func (g goal) met() bool { return g.got <= g.most }

// verdict says by how much the goal is met or missed.
func (g goal) verdict() string {
	verdict := "met"
	if !g.met() {
		verdict = "MISSED"
	}
	return fmt.Sprintf("%s by %.0f %%", verdict, math.Abs(100*(g.got/g.most-1)))
}

// The goals. Ratios are of medians, to the function that is named.
const (
	triggerInit   = 1.5
	triggerMemory = 1.35
	triggerZipMB  = 3.4
	triggerCPU    = 1.9
	tokenInit     = 2.4  // its two reads take the clients of Cognito and DynamoDB, with which a step has 1.95
	tokenWarm     = 1.3  // of a user who has groups, so that nothing is called
	stepInit      = 2.25 // nobody waits for a step, and each of up to three clients has the schemas of its operations
	coldToDefault = 0.10
	coldToNode    = 1.0 / 35
)

// goals returns those whose functions were measured. The steps have one, which the
// slowest must meet.
func (r results) goals() []goal {
	goals := []goal{
		{"Trigger: init", r.ratio(r.plain, trigger, hello, ofInit), triggerInit, " × hello"},
		{"Trigger: memory", r.ratio(r.plain, trigger, hello, ofMemory), triggerMemory, " × hello"},
		{"Trigger: CPU, warm", r.ratio(r.plain, trigger, hello, ofCPU), triggerCPU, " × hello"},
		{"Trigger: zip", r.zipMB(trigger), triggerZipMB, " MB"},
		{"FirstToken: init", r.ratio(r.plain, firstToken, hello, ofInit), tokenInit, " × hello"},
		{"FirstToken: warm, no calls", r.ratio(r.plain, firstToken, hello, ofP50), tokenWarm, " × hello"},
	}
	slowest := goal{got: math.NaN(), most: stepInit, unit: " × hello"}
	for _, s := range r.all {
		if got := r.ratio(r.plain, s.name, hello, ofInit); s.isStep && !(got <= slowest.got) {
			slowest.what, slowest.got = "slowest step, "+s.name+": init", got
		}
	}
	goals = append(goals, slowest,
		goal{"Trigger, TLS: cold", r.ratio(r.tls, trigger, sdkDefault, ofCold), coldToDefault, " × SDK defaults"},
		goal{"Trigger, TLS: cold", r.ratio(r.tls, trigger, nodeJS, ofCold), coldToNode, " × Node.js example"},
		goal{"Trigger, TLS: CPU, warm", median(r.tls[trigger], ofCPU), millis(quotaOf(smallest)), " ms"})
	return slices.DeleteFunc(goals, func(g goal) bool { return math.IsNaN(g.got) }) // not measured
}

// missed is an error if there are goals that are missed.
func (r results) missed() error {
	missed := slices.DeleteFunc(r.goals(), goal.met)
	if len(missed) > 0 {
		return fmt.Errorf("%d goals are missed", len(missed))
	}
	return nil
}

func (r results) ratio(in map[string][]sample, name, base string, of func(sample) float64) float64 {
	return median(in[name], of) / median(in[base], of)
}

func (r results) zipMB(name string) float64 {
	for _, s := range r.all {
		if s.name == name {
			return float64(s.zip) / 1e6
		}
	}
	return math.NaN()
}

// median of what the samples showed; NaN if there are none.
func median(samples []sample, of func(sample) float64) float64 {
	values := make(stats.Float64Data, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	m, err := values.Median()
	if err != nil {
		return math.NaN()
	}
	return m
}

func ofInit(s sample) float64   { return s.Init }
func ofFirst(s sample) float64  { return s.First }
func ofCold(s sample) float64   { return s.Init + s.First }
func ofP50(s sample) float64    { return s.P50 }
func ofCPU(s sample) float64    { return s.CPU }
func ofMemory(s sample) float64 { return s.Memory }

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// markdown returns the report as text.
func (r *report) markdown(c runCommand) string {
	var b strings.Builder
	fmt.Fprintf(&b, "`make load USERS=%d RATE=%g`, on %d cores: %s\n\n", r.plan.Users, r.plan.Rate, r.cores, r.verdict())
	fmt.Fprintf(&b, "%s\n\n", standInText(c.StandIn))
	seconds := func(d time.Duration) float64 { return d.Seconds() }
	fmt.Fprintf(&b, "Arrived: %d in %.0f s, %.1f a second. Onboarded: %d in %.0f s, %.1f a second. The generator was late by %s at p99, which latencies include.\n\n",
		r.plan.Users, seconds(r.arrivals), float64(r.plan.Users)/seconds(r.arrivals),
		r.plan.Users-len(r.lost), seconds(r.took), float64(r.plan.Users-len(r.lost))/seconds(r.took), millis(percentile(r.late, 99)))
	r.latencyTable(&b)
	r.effectTable(&b)
	r.callText(&b)
	r.memoryTable(&b)
	return b.String()
}

func (r *report) verdict() string {
	flat := "memory flat"
	if !hasProc() {
		flat = "memory not looked at, without /proc"
	} else if !slices.ContainsFunc(r.memory, func(g growth) bool { return g.judged }) {
		flat = "memory not judged, because the run was too short"
	} else if n := len(r.grown()); n > 0 {
		flat = fmt.Sprintf("**the memory of %d processes grew**", n)
	}
	text := fmt.Sprintf("%d lost, %d doubled, %s.", len(r.lost), len(r.doubled), flat)
	switch {
	case r.disturbed():
		return "**the machine was not free for it, repeat it**: " + text
	case !r.clean():
		return "**not clean**: " + text
	}
	return text
}

// standInText says what was a stand-in, and what was not.
func standInText(services []string) string {
	if slices.Contains(services, "none") {
		return "Real: the function binaries behind the Lambda Runtime API. Of the services, moto's."
	}
	names := map[string]string{
		"states": "Step Functions (an interpreter of the deployed definition)", "cognito-idp": "Cognito's users",
		"dynamodb": "DynamoDB (the library minidyn)", "ses": "SES", "events": "EventBridge",
	}
	var used []string
	for _, s := range services {
		used = append(used, names[s])
	}
	return "Real: the function binaries behind the Lambda Runtime API, and the definition. Stand-ins, with no latency of their own to speak of: " +
		strings.Join(used, ", ") + "; moto for the rest. So the latencies are those of this machine, not of AWS."
}

func (r *report) latencyTable(b *strings.Builder) {
	fmt.Fprint(b, "| latency, ms | n | p50 | p90 | p99 | p99.9 | max |\n|---|---|---|---|---|---|---|\n")
	for _, l := range r.latencies {
		fmt.Fprintf(b, "| %s | %d |", l.what, len(l.values))
		for _, p := range []float64{50, 90, 99, 99.9, 100} {
			fmt.Fprintf(b, " %.1f |", float64(percentile(l.values, p).Microseconds())/1000)
		}
		fmt.Fprintln(b)
	}
	fmt.Fprintln(b)
}

func (r *report) effectTable(b *strings.Builder) {
	fmt.Fprint(b, "| effect | seen | users without | users with two |\n|---|---|---|---|\n")
	for _, e := range r.effects {
		fmt.Fprintf(b, "| %s | %d | %d | %d |\n", e.what, e.seen, e.without, e.twice)
	}
	fmt.Fprintf(b, "\n%d events of the trigger were delivered twice, and %d passwords were reset: %s. ", r.repeats, r.resets, orNone(r.others, "executions beyond one a user"))
	fmt.Fprintf(b, "Executions that did not succeed, of %d: %s.\n\n", r.executions, listOf(r.failed))
}

// callText tells what went wrong on the way.
func (r *report) callText(b *strings.Builder) {
	fmt.Fprintf(b, "%d calls passed through the gateway.\n\n", r.calls)
	fmt.Fprintf(b, "- Errors that the app got: %s\n", listOf(r.refused))
	fmt.Fprintf(b, "- Answers that were errors: %s\n", listOf(r.errors))
	fmt.Fprintf(b, "- Repeated by the SDK: %s\n", listOf(r.retried))
	fmt.Fprintf(b, "- Steps that were retried: %d\n\n", r.stepRetries)
}

// memoryTable has a line for each name: of several processes the one that grew most.
func (r *report) memoryTable(b *strings.Builder) {
	fmt.Fprint(b, "| process | how many | judged | their invocations | first third, MB | last third, MB | change | |\n|---|---|---|---|---|---|---|---|\n")
	byName := make(map[string][]growth)
	for _, g := range r.memory {
		byName[g.name] = append(byName[g.name], g)
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		r.memoryRow(b, name, byName[name])
	}
	fmt.Fprintf(b, "\nResident memory, of several processes the one that grew most, in the first and the last third of the arrivals after a warm-up of a fifth. Flat is at most %.0f %% or %d MB more. At most %d function processes ran at a time; judged are those with %d samples, one every %v, after their first %d invocations.\n",
		100*(tolerance-1), leeway>>20, r.most, fewestSamples, sampleEvery, warmInvocations)
}

func (r *report) memoryRow(b *strings.Builder, name string, all []growth) {
	judged := slices.DeleteFunc(slices.Clone(all), func(g growth) bool { return !g.judged })
	if len(judged) == 0 {
		fmt.Fprintf(b, "| %s | %d | 0 | | | | | |\n", name, len(all))
		return
	}
	served := ""
	if isFunction(name) {
		n := 0
		for _, g := range judged {
			n += g.invocations
		}
		served = strconv.Itoa(n)
	}
	worst := slices.MaxFunc(judged, func(g, h growth) int { return cmp.Compare(g.last-g.first, h.last-h.first) })
	fmt.Fprintf(b, "| %s | %d | %d | %s | %.1f | %.1f | %+.1f %% | %s |\n", name, len(all), len(judged), served,
		megabytes(worst.first), megabytes(worst.last), 100*(float64(worst.last)/float64(worst.first)-1), r.judgement(worst))
}

func (r *report) judgement(g growth) string {
	switch {
	case g.name == standInsName:
		return fmt.Sprintf("keeps every user, as AWS does: %.1f KB each", r.perUser(g))
	case g.flat():
		return "flat"
	}
	return "**grew**"
}

// perUser is by how many KB the process grew for each user between the middles of the
// two thirds, which two thirds of the users after the warm-up lie between.
func (r *report) perUser(g growth) float64 {
	return float64(g.last-g.first) / 1024 / (float64(r.plan.Users) * (1 - warmUp) * 2 / 3)
}

func orNone(n int, what string) string {
	if n == 0 {
		return "no " + what
	}
	return fmt.Sprintf("**%d %s**", n, what)
}

// listOf returns the counts, the largest first.
func listOf(counts map[string]int) string {
	if len(counts) == 0 {
		return "none"
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s ×%d", name, counts[name])
	}
	return strings.Join(names, ", ")
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }

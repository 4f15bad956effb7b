package local_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/cost"
	"example.com/onboarding/statemachine/dev/local"
)

const usageFile = "../cost/usage.json"

// usageMargin is how many bytes the lines of an invocation may differ from those in
// usage.json: durations and fractions of a second have more digits or fewer.
const usageMargin = 24

// lastOf returns the last call that the function of a state makes for a user, but for
// what it notes of a mail that SES took: one whose failure fails the step. There is none
// if it makes no calls.
func lastOf(places []place, state string) (last place, found bool) {
	for _, p := range places {
		if p.function == state+"Function" && last.action != "SendEmail" {
			last, found = p, true
		}
	}
	return last, found
}

// TestUsage compares statemachine/dev/cost/usage.json, which COST.md is made from, with
// what the real binaries call and print: for a user of whom nothing fails, and for one
// of whom every function fails once.
func TestUsage(t *testing.T) {
	a := startAWS(t)
	if otherEngine() != "" {
		t.Skip("the functions are the same on any engine")
	}
	got := measuredUsage(t, a)
	stored, err := cost.MeasuredUsage()
	if err != nil {
		t.Fatal(err)
	}
	if sameUsage(got, stored) {
		return
	}
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if !*update {
		t.Fatalf("%s is stale (make docs mends it): an onboarding uses\n%s", usageFile, text)
	}
	if err := os.WriteFile(usageFile, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func measuredUsage(t *testing.T, a *local.AWS) cost.Usage {
	t.Helper()
	states := allStates(t)
	happy := signUp(t, a)
	checkSucceeded(t, confirm(t, a, happy))
	u := cost.Usage{Functions: make(map[string]cost.FunctionUsage)}
	if hasStep(t, analyticsState) {
		events, err := a.Events(t.Context(), happy.sub)
		if err != nil || len(events) != 1 {
			t.Fatalf("events %q (error %v), want one", events, err)
		}
		u.EventBytes = len(events[0])
	}
	unlucky := signUp(t, a)
	failCalls(t, a, unlucky, 3, "Trigger StartExecution", jsonError(400, "ThrottlingException")) // it tries 3 times
	places := placesOf(a, happy)
	for _, state := range states {
		if p, found := lastOf(places, state); found {
			failCalls(t, a, unlucky, 1, p.at(), p.throttles())
		}
	}
	if err := a.Confirm(t.Context(), unlucky.User, nil); err != nil {
		t.Fatal(err)
	}
	finish(t, a, unlucky)
	for _, name := range append([]string{"Trigger", "StartDeferred"}, states...) {
		done, failed := attempt(t, a, happy, name), attempt(t, a, unlucky, name)
		switch name {
		case "Trigger": // of the unlucky user, its only invocation is the failed one
		case "StartDeferred":
			done, failed = failed, cost.Attempt{}
		default: // of the unlucky user, it is the failed attempt and one like the other's
			failed = less(failed, done)
		}
		u.Functions[name] = cost.FunctionUsage{Done: done, Failed: failed}
	}
	return u
}

// attempt returns all that the function did for the user.
func attempt(t *testing.T, a *local.AWS, u user, function string) cost.Attempt {
	t.Helper()
	got := cost.Attempt{Calls: make(map[string]int)}
	for _, c := range a.Calls(u.isIn) {
		if !strings.EqualFold(c.AccessKeyID, function+"Function") {
			continue
		}
		if c.Status == http.StatusOK {
			got.Calls[c.Service+" "+c.Action]++
		} else {
			got.Refused++
		}
	}
	for _, line := range linesOf(t, a, u, function) {
		got.LogLines++
		got.LogBytes += len(line)
	}
	return got
}

// linesOf returns the lines that the function printed about the user, and what
// aws-lambda-go says after each that reports a failure, which names no user.
func linesOf(t *testing.T, a *local.AWS, u user, function string) []string {
	t.Helper()
	time.Sleep(100 * time.Millisecond) // a line may come a moment after its function's answer
	var lines []string
	failed := false
	for _, line := range a.Logs() {
		if !strings.HasPrefix(line.Text, "{") {
			continue // a warning of the SDK about the checksum that a planted answer lacks
		}
		l := parseLine(t, line)
		if l.Function != function {
			continue
		}
		if l.Execution == u.sub || failed && l.Message == runtimeMessage {
			lines = append(lines, line.Text)
			failed = l.Message == "step failed"
		}
	}
	return lines
}

// less returns what is left of an attempt without another.
func less(all, other cost.Attempt) cost.Attempt {
	left := cost.Attempt{
		Calls: maps.Clone(all.Calls), Refused: all.Refused - other.Refused,
		LogLines: all.LogLines - other.LogLines, LogBytes: all.LogBytes - other.LogBytes,
	}
	for call, n := range other.Calls {
		if left.Calls[call] -= n; left.Calls[call] == 0 {
			delete(left.Calls, call)
		}
	}
	return left
}

func sameUsage(a, b cost.Usage) bool {
	return near(a.EventBytes, b.EventBytes) && maps.EqualFunc(a.Functions, b.Functions, func(a, b cost.FunctionUsage) bool {
		return sameAttempt(a.Done, b.Done) && sameAttempt(a.Failed, b.Failed)
	})
}

func sameAttempt(a, b cost.Attempt) bool {
	return maps.Equal(a.Calls, b.Calls) && a.Refused == b.Refused && a.LogLines == b.LogLines && near(a.LogBytes, b.LogBytes)
}

func near(a, b int) bool { return max(a, b)-min(a, b) <= usageMargin }

func TestUsageSeesACallMore(t *testing.T) {
	stored, err := cost.MeasuredUsage()
	if err != nil {
		t.Fatal(err)
	}
	if !sameUsage(stored, stored) {
		t.Fatal("a usage differs from itself")
	}
	for _, name := range slices.Sorted(maps.Keys(stored.Functions)) {
		changed := cost.Usage{Functions: maps.Clone(stored.Functions), EventBytes: stored.EventBytes}
		f := changed.Functions[name]
		f.Done.LogBytes += usageMargin + 1
		changed.Functions[name] = f
		if sameUsage(changed, stored) {
			t.Errorf("%s may write %d bytes more unseen", name, usageMargin+1)
		}
	}
}

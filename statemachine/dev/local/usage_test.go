package local_test

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/numbers/usage"
	"example.com/onboarding/statemachine/dev/project"
	"example.com/onboarding/statemachine/record"
)

const root = "../../.."

// usageMargin is how many bytes the lines of an invocation may differ from those in
// usage.json: durations and fractions of a second have more digits or fewer.
const usageMargin = 24

// TestUsage compares usage.json, which NUMBERS.md is made from, with what the real
// binaries call and print: for a user of whom nothing fails, and for one of whom every
// function is throttled at its first call. What differs is measured again, until it comes
// out the same twice: a function repeats a call whose answer took long.
func TestUsage(t *testing.T) {
	a := startAWS(t)
	if otherEngine() != "" {
		t.Skip("the functions are the same on any engine")
	}
	got := measuredUsage(t, a)
	stored, err := usage.Read(root)
	for range 3 {
		if err == nil && sameUsage(got, stored) {
			break
		}
		before := got
		if got = measuredUsage(t, a); sameUsage(got, before) {
			break
		}
	}
	switch {
	case err == nil && sameUsage(got, stored):
	case !*update:
		t.Fatalf("%s is stale (make docs mends it; %v): an onboarding uses\n%+v\nand not\n%+v", usage.File, err, got, stored)
	default:
		if err := got.Write(root); err != nil {
			t.Fatal(err)
		}
	}
}

func measuredUsage(t *testing.T, a *local.AWS) usage.Usage {
	t.Helper()
	p := described(t)
	happy := signUp(t, a)
	checkSucceeded(t, confirm(t, a, happy))
	waitForMail(t, a, happy)
	unlucky := signUp(t, a)
	for _, s := range p.Steps {
		if calls := callsOf(a, happy, s.Function); len(calls) > 0 {
			failCalls(t, a, unlucky, 1, s.State+" "+calls[0].Action, throttle(calls[0]))
		}
	}
	throttleOthers(t, a, p, happy, unlucky)
	if err := a.Confirm(t.Context(), unlucky.User, nil); err != nil {
		t.Fatal(err)
	}
	wait(t, a, unlucky)
	waitForMail(t, a, unlucky)
	u := usage.Usage{Functions: make(map[string]usage.Function)}
	for _, f := range p.Functions {
		done, failed := attempt(t, a, happy, f), attempt(t, a, unlucky, f)
		isStep := slices.ContainsFunc(p.Steps, func(s project.Step) bool { return s.Function == f })
		switch {
		case isStep: // of the unlucky user, it is the failed attempt and one like the other's
			u.Functions[f.Name] = usage.Function{Done: done, Failed: less(failed, done)}
		case done.LogLines == 0:
			u.Functions[f.Name] = usage.Function{Done: failed, OnFailure: true}
		default:
			if n := invocationsOf(a, happy, f); n > 1 {
				done.Invocations, failed.Invocations = n, n
			}
			u.Functions[f.Name] = usage.Function{Done: done, Failed: failed}
		}
	}
	for _, c := range a.Calls(happy.isIn) {
		if c.Action == "PutEvents" {
			u.EventBytes += len(c.Body)
		}
	}
	return u
}

// waitForMail waits until SES has told all of the user's mail.
func waitForMail(t *testing.T, a *local.AWS, u user) {
	t.Helper()
	if hasStep(t, mailState) {
		waitForReceipt(t, a, u, record.Delivered)
		waitForReceipt(t, a, u, record.Sent)
	}
}

// invocationsOf returns how often the function was invoked for the user.
func invocationsOf(a *local.AWS, u user, f project.Function) int {
	return len(a.Calls(func(c local.Call) bool {
		return c.Action == "Invoke" && c.Function == a.PhysicalID(f.LogicalID) && u.isIn(c)
	}))
}

// throttleOthers throttles the first call of each function that is none of a step, as
// long as the function repeats it. The execution is started all the same: from the queue.
// It leaves alone the one that is invoked for what SES tells, because nobody waits for it.
func throttleOthers(t *testing.T, a *local.AWS, p *project.Project, happy, unlucky user) {
	t.Helper()
	for _, f := range p.Others() {
		calls := callsOf(a, happy, f)
		if len(calls) == 0 || f.Name == mailReceipt {
			continue
		}
		t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
			if c.AccessKeyID == calls[0].AccessKeyID && c.Action == calls[0].Action && unlucky.isIn(c) {
				return throttle(c)
			}
			return nil
		}))
	}
}

// throttle is how AWS throttles a call.
func throttle(c local.Call) http.Handler {
	if c.Service == "ses" {
		return mailError(400, "Throttling")
	}
	return jsonError(400, "ThrottlingException")
}

// callsOf returns the calls that the function made for the user.
func callsOf(a *local.AWS, u user, f project.Function) []local.Call {
	return a.Calls(func(c local.Call) bool { return c.AccessKeyID == f.LogicalID && u.isIn(c) })
}

// attempt returns all that the function did for the user.
func attempt(t *testing.T, a *local.AWS, u user, f project.Function) usage.Attempt {
	t.Helper()
	var got usage.Attempt
	for _, c := range callsOf(a, u, f) {
		if c.Status == http.StatusOK {
			got.Calls = append(got.Calls, c.Service+" "+cmp.Or(c.Action, c.Path))
		} else {
			got.Refused++
		}
	}
	for _, line := range linesOf(t, a, u, f.Name) {
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

// less returns what is left of two attempts without the second.
func less(all, last usage.Attempt) usage.Attempt {
	return usage.Attempt{
		Calls: all.Calls[:max(len(all.Calls)-len(last.Calls), 0)], Refused: all.Refused - last.Refused,
		LogLines: all.LogLines - last.LogLines, LogBytes: all.LogBytes - last.LogBytes,
	}
}

func sameUsage(a, b usage.Usage) bool {
	return near(a.EventBytes, b.EventBytes) && maps.EqualFunc(a.Functions, b.Functions, func(a, b usage.Function) bool {
		return sameAttempt(a.Done, b.Done) && sameAttempt(a.Failed, b.Failed) && a.OnFailure == b.OnFailure
	})
}

func sameAttempt(a, b usage.Attempt) bool {
	return slices.Equal(a.Calls, b.Calls) && a.Invocations == b.Invocations && a.Refused == b.Refused && a.LogLines == b.LogLines && near(a.LogBytes, b.LogBytes)
}

func near(a, b int) bool { return max(a, b)-min(a, b) <= usageMargin }

func TestUsageSeesACallMore(t *testing.T) {
	one := func(bytes int, calls ...string) usage.Usage {
		return usage.Usage{Functions: map[string]usage.Function{"One": {Done: usage.Attempt{Calls: calls, LogLines: 1, LogBytes: bytes}}}}
	}
	for _, test := range []struct {
		other usage.Usage
		same  bool
	}{
		{one(500+usageMargin, "a"), true}, {one(500+usageMargin+1, "a"), false}, {one(500, "a", "a"), false}, {usage.Usage{}, false},
	} {
		if got := sameUsage(one(500, "a"), test.other); got != test.same {
			t.Errorf("%+v is the same: %t", test.other, got)
		}
	}
}

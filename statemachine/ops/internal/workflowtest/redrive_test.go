package workflowtest_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/redrive"
)

func TestRedriveRedrivesWhatFailed(t *testing.T) {
	a := startAWS(t)
	redrives := func() int {
		return len(a.Calls(func(c local.Call) bool { return c.Action == "RedriveExecution" && c.Status == http.StatusOK }))
	}
	others, path := redrives(), states(t)
	first, last := path[0], path[len(path)-1]
	fine, early, late, bug := signUp(t, a, "fine"), signUp(t, a, "early"), signUp(t, a, "late"), signUp(t, a, "bug")
	mends := []func(){
		failAt(a, early, first, "ConfigurationError"), failAt(a, late, last, "ConfigurationError"), failAt(a, bug, last, "UnexpectedError"),
	}
	for _, p := range []person{fine, early, late, bug} {
		if err := a.Confirm(t.Context(), p.User, nil); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, a, fine, types.ExecutionStatusSucceeded)
	for _, p := range []person{early, late, bug} {
		wait(t, a, p, types.ExecutionStatusFailed)
	}
	atFirst, atLast, byBug := first+" ConfigurationError 1", last+" ConfigurationError 1", last+" UnexpectedError 1"
	checkGroups(t, a, atFirst, atLast, byBug)
	t.Log("\n" + runOps(t, a, 2, "redrive", "--stack", "onboarding", "--names"))

	if said := runOps(t, a, 1, "redrive", "--stack", "onboarding", "--state", "NoState"); said != "" {
		t.Errorf("of a state that there is not it prints %s", said)
	}
	for _, mend := range mends {
		mend()
	}
	runOps(t, a, 2, "redrive", "--stack", "onboarding", "--all", "--dry-run")
	checkGroups(t, a, atFirst, atLast, byBug)
	t.Log("\n" + runOps(t, a, 0, "redrive", "--stack", "onboarding", "--state", last, "--error", "ConfigurationError"))
	checkOnboardedOnce(t, a, late)
	checkGroups(t, a, atFirst, byBug)

	// A throttled redrive is not lost, a repeated one does nothing.
	var throttle sync.Once
	t.Cleanup(a.AddFault(func(c local.Call) (answer http.Handler) {
		if c.Action == "RedriveExecution" {
			throttle.Do(func() { answer = &local.APIError{Status: 400, Code: "ThrottlingException", Message: "planted"} })
		}
		return answer
	}))
	t.Log("\n" + runOps(t, a, 0, "redrive", "--stack", "onboarding", "--all"))
	for _, p := range []person{fine, early, late, bug} {
		checkOnboardedOnce(t, a, p)
	}
	if e := wait(t, a, bug, types.ExecutionStatusSucceeded); !slices.Equal(e.Path(), append(path, last)) {
		t.Errorf("redriven through %v", e.Path())
	}
	before := redrives() - others
	runOps(t, a, 0, "redrive", "--stack", "onboarding", "--all")
	runOps(t, a, 0, "redrive", "--stack", "onboarding", "--execution", bug.sub)
	if before != 3 || redrives()-others != before {
		t.Errorf("%d redrives, and %d more when nothing is left; want 3 and none", before, redrives()-others-before)
	}
}

// checkGroups checks what redrive lists.
func checkGroups(t *testing.T, a *local.AWS, want ...string) {
	t.Helper()
	r := opstest.Decode[redrive.Report](t, runOps(t, a, 2, "redrive", "--stack", "onboarding", "--json"))
	var got []string
	for _, g := range r.Groups {
		if g.Cause != "planted" || g.CauseExecutions != g.Executions {
			t.Errorf("%s: cause %q of %d", g.State, g.Cause, g.CauseExecutions)
		}
		got = append(got, fmt.Sprintf("%s %s %d", g.State, g.Error, g.Executions))
	}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("groups %q, want %q", got, want)
	}
}

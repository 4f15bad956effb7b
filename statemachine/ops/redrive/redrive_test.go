package redrive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// redrive runs the command and returns its JSON report.
func redrive(t *testing.T, a *account, c Command) (Report, error) {
	t.Helper()
	c.StateMachine, c.JSON, c.Rate, c.ReadRate = opstest.MachineARN, true, 1000, 1000
	s := opstest.NewSession(t)
	err := c.run(t.Context(), s.Session, a.api())
	var r Report
	if json.Unmarshal(s.Out.Bytes(), &r) != nil && err == nil {
		t.Errorf("no JSON: %s", &s.Out)
	}
	return r, err
}

func TestStoppedExecutionsAreGrouped(t *testing.T) {
	a := newAccount("A-1", "A-2", "A-3", "B-1", "B-2")
	a.get("A-3").Error, a.get("A-3").Status = nil, types.ExecutionStatusTimedOut
	a.get("B-2").RedriveStatus, a.get("B-2").RedriveStatusReason = types.ExecutionRedriveStatusNotRedrivable, aws.String("Execution redrivable period exceeded")
	r, err := redrive(t, a, Command{})
	if !errors.Is(err, session.ErrAttention) {
		t.Errorf("error %v, want attention", err)
	}
	var got []string
	for _, g := range r.Groups {
		got = append(got, fmt.Sprintf("%s %s %s %d %d", g.State, g.Error, g.Status, g.Executions, g.NotRedrivable))
	}
	want := "[A ConfigurationError FAILED 2 0 B ConfigurationError FAILED 2 1 A States.Timeout TIMED_OUT 1 0]"
	if fmt.Sprint(got) != want {
		t.Errorf("groups %v, want %s", got, want)
	}
	if len(a.tokens) > 0 {
		t.Errorf("%d redriven without a choice", len(a.tokens))
	}
}

func TestChoiceIsRedriven(t *testing.T) {
	for _, test := range []struct {
		name    string
		command Command
		want    string
	}{
		{"all", Command{All: true}, "A-1 A-2 B-1"},
		{"state", Command{State: []string{"A"}}, "A-1 A-2"},
		{"error", Command{Error: []string{"UnexpectedError"}}, "A-2"},
		{"name", Command{Execution: []string{"B-1"}}, "B-1"},
		{"ARN", Command{Execution: []string{execution.ARN(opstest.MachineARN, "B-1")}}, "B-1"},
		{"since", Command{All: true, Since: "2h"}, "A-1 A-2"},
		{"dry run", Command{Flags: session.Flags{DryRun: true}, All: true}, ""},
		{"since alone", Command{Since: "2d"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAccount("A-1", "A-2", "B-1")
			a.get("A-2").Error = aws.String("UnexpectedError")
			a.get("B-1").StopDate = aws.Time(opstest.Now.Add(-3 * time.Hour))
			if _, err := redrive(t, a, test.command); (err != nil) != (test.want == "") {
				t.Errorf("error %v", err)
			}
			for _, name := range []string{"A-1", "A-2", "B-1"} {
				if got := a.tokens[name] != ""; got != strings.Contains(test.want, name) {
					t.Errorf("%s redriven: %t", name, got)
				}
			}
		})
	}
}

func TestOneFailureStopsNoOtherRedrive(t *testing.T) {
	a := newAccount("A-1", "A-2", "A-3", "A-4", "A-5")
	a.fail["A-1"] = opstest.APIError("InternalServerException")
	a.fail["A-2"] = &types.ExecutionNotRedrivable{Message: aws.String("running")}
	a.get("A-3").RedriveStatus = types.ExecutionRedriveStatusNotRedrivable
	r, err := redrive(t, a, Command{All: true})
	if s := r.Summary; !errors.Is(err, session.ErrAttention) || s.Redriven != 2 || s.Failed != 1 || s.NotRedrivable != 2 {
		t.Errorf("summary %+v, error %v; want 2 redriven, 1 failed, 2 not redrivable", r.Summary, err)
	}
}

func TestWhatWentOnIsNoFailure(t *testing.T) {
	x := &stopped{Execution: execution.Execution{ARN: execution.ARN(opstest.MachineARN, "A-1"), Status: types.ExecutionStatusFailed}}
	r := redriver{
		api: redriveFunc(func(*sfn.RedriveExecutionInput) error { return &types.ExecutionNotRedrivable{} }),
		describe: describeFunc(func(*sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error) {
			return &sfn.DescribeExecutionOutput{Status: types.ExecutionStatusRunning}, nil
		}),
		pace: pace.New(1000, 1), streak: new(pace.Streak),
	}
	r.redrive(t.Context(), x)
	if x.Result != resultWentOn {
		t.Errorf("result %q, want %q", x.Result, resultWentOn)
	}
	a := newAccount("A-1")
	a.get("A-1").Status = types.ExecutionStatusSucceeded
	if report, err := redrive(t, a, Command{Execution: []string{"A-1"}}); err != nil || report.Summary.WentOn != 1 {
		t.Errorf("summary %+v, error %v; want 1 that went on", report.Summary, err)
	}
}

func TestOneFailedReadStopsNoRedrive(t *testing.T) {
	a := newAccount("A-1", "A-2", "A-3")
	a.unread["A-2"] = opstest.APIError("InternalServerException")
	r, err := redrive(t, a, Command{All: true})
	if s := r.Summary; !errors.Is(err, session.ErrAttention) || s.Redriven != 2 || s.Unread != 1 || s.Stopped != 2 {
		t.Errorf("summary %+v, error %v; want 2 redriven, 1 not read", r.Summary, err)
	}
	i := slices.IndexFunc(r.Executions, func(x *stopped) bool { return x.Result == resultUnread })
	if i < 0 || r.Executions[i].Name != "A-2" || !strings.Contains(r.Executions[i].Detail, "InternalServerException") {
		t.Errorf("the executions %+v do not tell of it", r.Executions)
	}
}

func TestUnknownExecutionIsReported(t *testing.T) {
	r, err := redrive(t, newAccount(), Command{Execution: []string{"nobody"}})
	if !errors.Is(err, session.ErrAttention) || r.Summary.Unread != 1 {
		t.Errorf("summary %+v, error %v", r.Summary, err)
	}
}

func TestRedriveBeginsBeforeAllIsRead(t *testing.T) {
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprint("A-", i))
	}
	a := newAccount(names...)
	read := 0
	api := a.api()
	api.redriveFunc = func(in *sfn.RedriveExecutionInput) error {
		a.mu.Lock()
		if read == 0 {
			read = len(a.described)
		}
		a.mu.Unlock()
		return a.redrive(in)
	}
	s := opstest.NewSession(t)
	c := Command{Flags: session.Flags{StateMachine: opstest.MachineARN}, All: true, Rate: 1000, ReadRate: 1000}
	if err := c.run(t.Context(), s.Session, api); err != nil || len(a.tokens) != len(names) {
		t.Errorf("%d redriven, error %v", len(a.tokens), err)
	}
	if read > 2*pace.Workers {
		t.Errorf("%d of %d executions were read before the first redrive", read, len(names))
	}
}

func TestStateThatTheDefinitionLacksIsAnError(t *testing.T) {
	a := newAccount("A-1")
	_, err := redrive(t, a, Command{State: []string{"A", "C"}})
	if err == nil || errors.Is(err, session.ErrAttention) || !strings.Contains(err.Error(), "no state C, but A, B") || len(a.tokens) > 0 {
		t.Errorf("error %v, %d redriven", err, len(a.tokens))
	}
}

func TestExecutionOfAForgottenUserIsLeftOut(t *testing.T) {
	a := newAccount("A-1", "A-2")
	a.get("A-2").Error = aws.String(execution.ErrorForgotten)
	if r, err := redrive(t, a, Command{All: true}); err != nil || r.Summary.Stopped != 1 || a.tokens["A-2"] != "" {
		t.Errorf("%+v, %v, redriven %v", r.Summary, err, a.tokens)
	}
	if r, err := redrive(t, a, Command{Execution: []string{"A-2"}}); err != nil || r.Summary.Redriven != 1 {
		t.Errorf("by its name: %+v, %v", r.Summary, err)
	}
}

func TestGroupHasItsMostFrequentCause(t *testing.T) {
	a := newAccount("A-1", "A-2", "A-3", "A-4", "B-1")
	a.get("A-1").Cause, a.get("A-4").Cause, a.get("B-1").Cause = aws.String("seldom"), nil, aws.String("jane@example.com")
	r, _ := redrive(t, a, Command{})
	if g := r.Groups[0]; g.Executions != 4 || g.Cause != "planted" || g.CauseExecutions != 2 || r.Groups[1].Cause != "…" {
		t.Errorf("groups %+v, %+v", g, r.Groups[1])
	}
}

func TestManyFailuresInARowEndTheCommand(t *testing.T) {
	for _, what := range []string{"redrives", "reads"} {
		t.Run(what, func(t *testing.T) {
			a := newAccount()
			fail := map[string]map[string]error{"redrives": a.fail, "reads": a.unread}[what]
			var names []string
			for i := range 500 {
				names = append(names, fmt.Sprint("A-", i))
				fail[names[i]] = opstest.APIError("AccessDeniedException")
			}
			a.executions = newAccount(names...).executions
			r, err := redrive(t, a, Command{All: true})
			if err == nil || errors.Is(err, session.ErrAttention) || !strings.Contains(err.Error(), "AccessDenied") || r.Summary.Failed+r.Summary.Unread > pace.MaxStreak+pace.Workers {
				t.Errorf("%+v, error %v", r.Summary, err)
			}
		})
	}
}

func TestClientTokenNamesOneStop(t *testing.T) {
	x := stopped{Execution: execution.Execution{ARN: "arn", RedriveCount: 1, StopDate: opstest.Now}}
	again := stopped{Execution: execution.Execution{ARN: "arn", RedriveCount: 1, StopDate: opstest.Now.In(time.FixedZone("", 3600)), State: "other"}}
	if clientToken(&x) != clientToken(&again) {
		t.Error("the same stop has two tokens")
	}
	for _, other := range []execution.Execution{{ARN: "a", RedriveCount: 1, StopDate: opstest.Now}, {ARN: "arn", RedriveCount: 2, StopDate: opstest.Now}, {ARN: "arn", RedriveCount: 1, StopDate: opstest.Now.Add(time.Millisecond)}} {
		if clientToken(&x) == clientToken(&stopped{Execution: other}) {
			t.Errorf("%+v has the token of %+v", other, x)
		}
	}
	if n := len(clientToken(&x)); n > 64 {
		t.Errorf("a token of %d characters", n)
	}
}

func TestUsernamesAreShownIfAskedFor(t *testing.T) {
	for _, show := range []bool{false, true} {
		a := newAccount("A-1")
		s := opstest.NewSession(t)
		c := Command{Flags: session.Flags{StateMachine: opstest.MachineARN, ShowUsernames: show}, Names: true, Rate: 1, ReadRate: 1}
		if err := c.run(context.Background(), s.Session, a.api()); !errors.Is(err, session.ErrAttention) {
			t.Errorf("error %v", err)
		}
		if got := strings.Contains(s.Out.String()+s.Err.String(), "jane"); got != show {
			t.Errorf("username shown: %t, want %t", got, show)
		}
	}
}

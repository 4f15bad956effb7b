package redrive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/ops/internal/definition"
	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/progress"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Command is the command redrive.
type Command struct {
	session.Flags

	All       bool     `help:"Redrive every execution that is listed."`
	State     []string `sep:"," placeholder:"STATE" help:"Choose executions that stopped at this state."`
	Error     []string `sep:"," placeholder:"ERROR" help:"Choose executions that stopped with an error of this name."`
	Execution []string `sep:"," placeholder:"NAME" help:"Choose executions by name or ARN."`
	Since     string   `placeholder:"TIME" help:"Leave out executions that stopped earlier: a duration such as 48h or 14d, or a date such as 2026-01-31 (UTC). It chooses nothing by itself. Executions that stopped more than 14 days ago cannot be redriven."`
	Names     bool     `help:"List the executions one by one, too."`
	ReadRate  float64  `default:"5" help:"Executions a second to look at, with one DescribeExecution and mostly one GetExecutionHistory each. Step Functions takes 10 or more of the first."`
	Rate      float64  `default:"10" help:"Redrives a second. Step Functions takes 150 or more; the default is less than half of the 25 group changes a second that Cognito takes, so that sign-ups find room."`
}

func (c Command) chooses() bool { return c.All || c.narrows() || len(c.Execution) > 0 }

func (c Command) narrows() bool { return len(c.State) > 0 || len(c.Error) > 0 }

// Validate implements kong's check of the flags.
func (c Command) Validate() error {
	if c.All && (c.narrows() || len(c.Execution) > 0) {
		return errors.New("--all and a choice by --state, --error or --execution exclude each other")
	}
	if c.Rate <= 0 || c.ReadRate <= 0 {
		return errors.New("--rate and --read-rate must be positive")
	}
	return nil
}

// Run lists what stopped and redrives what was chosen.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	return c.run(ctx, s, sfn.NewFromConfig(s.Config))
}

func (c Command) run(ctx context.Context, s *session.Session, api executionsAPI) error {
	var since time.Time
	if c.Since != "" {
		var err error
		if since, err = session.ParseSince(c.Since, s.Now()); err != nil {
			return err
		}
	}
	arns, err := c.arns(ctx, s, api, since)
	if err != nil {
		return err
	}
	report := Report{DryRun: c.DryRun || !c.chooses()}
	report.Executions, err = c.goThrough(ctx, s, api, arns, since, !report.DryRun)
	report.add(report.Executions)
	if c.JSON {
		s.PrintJSON(report)
	} else {
		report.print(s, c)
	}
	if err == nil && report.needsAttention() {
		return session.ErrAttention
	}
	return err
}

// arns returns the ARNs of the executions to look at.
func (c Command) arns(ctx context.Context, s *session.Session, api executionsAPI, since time.Time) ([]string, error) {
	machine, err := c.StateMachineARN(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := c.checkStates(ctx, api, machine); err != nil {
		return nil, err
	}
	if len(c.Execution) == 0 {
		return list(ctx, api, machine, since)
	}
	var arns []string
	for _, name := range c.Execution {
		arns = append(arns, execution.ARN(machine, name))
	}
	return arns, nil
}

// checkStates refuses a state that the definition does not have: it would choose
// nothing, and look as if nothing had stopped there.
func (c Command) checkStates(ctx context.Context, api definition.API, machine string) error {
	if len(c.State) == 0 {
		return nil
	}
	states, err := definition.States(ctx, api, machine)
	if err != nil {
		return err
	}
	for _, state := range c.State {
		if !slices.Contains(states, state) {
			return fmt.Errorf("the definition has no state %s, but %s. Choose executions that stopped at a state of an earlier definition by --execution", state, strings.Join(states, ", "))
		}
	}
	return nil
}

// goThrough looks at each execution and redrives it at once if it is to be: whoever
// stopped first does not wait until all are read. What cannot be read is reported, and
// stops no other. It returns the executions that were chosen, and those not read;
// executions chosen by name are returned whatever became of them.
func (c Command) goThrough(ctx context.Context, s *session.Session, api executionsAPI, arns []string, since time.Time, redrives bool) ([]*stopped, error) {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	reader, unread := execution.NewReader(api, c.ReadRate), &pace.Streak{GiveUp: giveUp}
	r := redriver{api: api, describe: api, pace: pace.New(c.Rate, 1), streak: &pace.Streak{GiveUp: giveUp}}
	shown := progress.New(s.Stderr, "looking at executions", int64(len(arns)))
	found := make([]*stopped, len(arns))
	indexes := make(chan int)
	go func() {
		defer close(indexes)
		for i := range arns {
			indexes <- i
		}
	}()
	pace.Each(indexes, func(i int) {
		x := c.look(ctx, reader, unread, arns[i])
		if x == nil || !c.wants(x, since) {
			return
		}
		if redrives && x.Result == "" {
			r.redrive(ctx, x)
		}
		found[i] = x
		shown.Add(1)
	})
	shown.End()
	return slices.DeleteFunc(found, func(x *stopped) bool { return x == nil }), session.Ended(ctx)
}

// look returns what there is to know of the execution; nil when the command was ended.
func (c Command) look(ctx context.Context, reader execution.Reader, streak *pace.Streak, arn string) *stopped {
	e, err := reader.Read(ctx, arn)
	x := &stopped{Execution: e}
	if c.ShowUsernames {
		x.Username = usernameOf(e.Input)
	}
	if err != nil {
		if session.IsEnd(ctx, err) {
			return nil
		}
		x.Result, x.Detail = resultUnread, err.Error()
	}
	streak.Note(err)
	return x
}

// wants reports whether the execution was chosen; one that was not read may be. That of
// a forgotten user would leave a record again, and is chosen by its name only.
func (c Command) wants(x *stopped, since time.Time) bool {
	return x.Result == resultUnread || (x.Stopped() && x.Error != execution.ErrorForgotten || len(c.Execution) > 0) &&
		(len(c.State) == 0 || slices.Contains(c.State, x.State)) &&
		(len(c.Error) == 0 || slices.Contains(c.Error, x.Error)) &&
		(x.StopDate.IsZero() || !x.StopDate.Before(since))
}

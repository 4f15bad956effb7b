package redrive

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

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

func (c Command) run(ctx context.Context, s *session.Session, executions executionsAPI) error {
	found, err := c.find(ctx, s, executions)
	if err != nil {
		return err
	}
	report := Report{DryRun: c.DryRun || !c.chooses(), Executions: found}
	if !report.DryRun {
		err = c.redriveAll(ctx, s, executions, found)
	}
	report.add(found)
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

// find returns the executions that stopped, of those that were chosen. Executions
// chosen by name are returned whatever became of them.
func (c Command) find(ctx context.Context, s *session.Session, executions executionsAPI) ([]*stopped, error) {
	var since time.Time
	if c.Since != "" {
		var err error
		if since, err = session.ParseSince(c.Since, s.Now()); err != nil {
			return nil, err
		}
	}
	machine, err := c.StateMachineARN(ctx, s)
	if err != nil {
		return nil, err
	}
	finder := newFinder(executions, c.ReadRate, c.ShowUsernames)
	var arns []string
	for _, name := range c.Execution {
		arns = append(arns, executionARN(machine, name))
	}
	if len(arns) == 0 {
		if arns, err = finder.arns(ctx, machine, since); err != nil {
			return nil, err
		}
	}
	shown := progress.New(s.Stderr, "looking at executions", int64(len(arns)))
	found, err := finder.lookAt(ctx, arns, shown)
	shown.End()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(x *stopped) bool { return !c.wants(x, since) }), nil
}

func (c Command) wants(x *stopped, since time.Time) bool {
	return (x.hasStopped() || len(c.Execution) > 0) &&
		(len(c.State) == 0 || slices.Contains(c.State, x.State)) &&
		(len(c.Error) == 0 || slices.Contains(c.Error, x.Error)) &&
		(x.StopDate.IsZero() || !x.StopDate.Before(since))
}

// redriveAll redrives the executions and notes the result of each.
func (c Command) redriveAll(ctx context.Context, s *session.Session, executions executionsAPI, found []*stopped) error {
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	r := redriver{api: executions, describe: executions, pace: pace.New(c.Rate, 1), streak: &pace.Streak{GiveUp: giveUp}}
	shown := progress.New(s.Stderr, "redriving", int64(len(found)))
	defer shown.End()
	items := make(chan *stopped)
	go func() {
		defer close(items)
		for _, x := range found {
			items <- x
		}
	}()
	pace.Each(items, func(x *stopped) {
		r.redrive(ctx, x)
		shown.Add(1)
	})
	return session.Ended(ctx)
}

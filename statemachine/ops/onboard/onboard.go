// Package onboard brings one user's onboarding to its end.
package onboard

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/start"
)

// Command is the command onboard.
type Command struct {
	person.Flags

	Again string `placeholder:"CAUSE" help:"Start one more execution, for a cause of your own words without personal data. The same words start it once. Steps that were done are not done again."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `It starts the user's first execution; or lets the one go on that stopped; or, if that cannot be redriven any more, or a step was skipped for a reason that has passed, starts the onboarding again: the steps that the record has as done are not done again. It says what it did. With nothing left to do it does nothing.

The exit code is 2 when the user cannot be onboarded now: not confirmed, disabled, without a verified address.`
}

// Report is what onboard prints as JSON.
type Report struct {
	User string `json:"user"`
	// Did is what was done.
	Did person.Action `json:"did"`
	Why string        `json:"why"`
	// Execution is the name of the execution that was started or redriven.
	Execution string `json:"execution,omitempty"`

	left bool
}

// api is the part of Step Functions' API that the command needs.
type api interface {
	start.API
	RedriveExecution(context.Context, *sfn.RedriveExecutionInput, ...func(*sfn.Options)) (*sfn.RedriveExecutionOutput, error)
}

// Run brings the onboarding to its end.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	k, p, err := c.Open(ctx, s)
	if err != nil {
		return err
	}
	report, err := onboard(ctx, sfn.NewFromConfig(s.Config), k.Alias, p, c.Again)
	if err != nil {
		return err
	}
	if c.JSON {
		s.PrintJSON(report)
	} else {
		fmt.Fprintf(s.Stdout, "user %s: %s\n%s\n", report.User, report.Why, report.did())
	}
	if report.left {
		return session.ErrAttention
	}
	return nil
}

func (r Report) did() string {
	switch r.Did {
	case person.Start:
		return "started the execution " + r.Execution
	case person.StartAgain:
		return "started the onboarding again: execution " + r.Execution
	case person.Redrive:
		return "redrove the execution " + r.Execution
	}
	return "nothing was done"
}

// onboard does what is next for the user; again is the operator's own cause.
func onboard(ctx context.Context, executions api, alias string, p *person.Person, again string) (Report, error) {
	next := p.Next()
	if again != "" && p.CanSignIn() && !next.Runs && next.Action != person.Start {
		next = person.Next{Action: person.StartAgain, Why: "by the operator's cause", Cause: "operator: " + again}
	}
	r := Report{User: p.Key, Did: next.Action, Why: next.Why}
	var err error
	switch next.Action {
	case person.Start, person.StartAgain:
		in, started := p.Input(), false
		r.Execution = in.ExecutionName(next.Cause)
		if started, err = start.Again(ctx, executions, alias, in, next.Cause); err == nil && !started {
			r.Did, r.left, r.Why = person.Nothing, true, "the onboarding was started for this cause before: execution "+r.Execution+". With --again it is started for another one"
		}
	case person.Redrive:
		r.Execution = next.Execution.Name
		if _, err = executions.RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: &next.Execution.ARN}); err != nil {
			err = fmt.Errorf("redrive the execution %s: %w", r.Execution, err)
		}
	case person.Forget:
		return r, errors.New(next.Why + ": there is nobody to onboard")
	case person.Nothing:
		r.left = !next.Done && !next.Runs
	}
	return r, err
}

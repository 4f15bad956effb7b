package pooltrigger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.com/onboarding/statemachine/ops/internal/permission"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Flags are the flags of attach and detach.
type Flags struct {
	Stack    string `placeholder:"NAME" help:"Name of the stack; its outputs name the user pool and the function."`
	UserPool string `placeholder:"ID" help:"ID of the user pool, without --stack."`
	Trigger  string `placeholder:"ARN" help:"ARN of the stack's trigger function, without --stack."`
	// FirstToken is empty for a stack that has it off.
	FirstToken string `placeholder:"ARN" help:"ARN of the stack's function FirstToken, without --stack, if that is on."`
	DryRun     bool   `help:"Show what would be changed, and change nothing."`
	Yes        bool   `short:"y" help:"Do not ask. Needed where nobody can be asked."`
	JSON       bool   `name:"json" help:"Print one JSON document."`
}

// target returns the ID of the pool and the ARN of the function.
func (f Flags) target(ctx context.Context, s *session.Session) (userPool, function string, err error) {
	if f.Stack == "" {
		if f.UserPool == "" || f.Trigger == "" {
			return "", "", errors.New("which user pool, and which function? Give --stack, or --user-pool and --trigger")
		}
		return f.UserPool, f.Trigger, nil
	}
	if userPool, err = s.Output(ctx, f.Stack, "UserPoolId"); err != nil {
		return "", "", err
	}
	if function, err = s.Output(ctx, f.Stack, "TriggerFunctionArn"); err != nil {
		return "", "", err
	}
	if f.UserPool != "" && f.UserPool != userPool {
		return "", "", fmt.Errorf("stack %s is for user pool %s, and its functions may call no other: deploy it with ExistingUserPoolId=%s", f.Stack, userPool, f.UserPool)
	}
	if f.Trigger != "" && f.Trigger != function {
		return "", "", fmt.Errorf("the trigger function of stack %s is %s, not %s", f.Stack, function, f.Trigger)
	}
	return userPool, function, nil
}

// firstToken returns the ARN of the stack's function FirstToken; empty if the stack has
// none, or has it off and that is what counts.
func (f Flags) firstToken(ctx context.Context, s *session.Session, evenOff bool) (string, error) {
	if f.Stack == "" {
		return f.FirstToken, nil
	}
	stack, err := s.Stack(ctx, f.Stack)
	if err != nil {
		return "", err
	}
	for _, p := range stack.Parameters {
		if aws.ToString(p.ParameterKey) == "FirstToken" && aws.ToString(p.ParameterValue) == "off" && !evenOff {
			return "", nil
		}
	}
	for _, o := range stack.Outputs {
		if aws.ToString(o.OutputKey) == "FirstTokenFunctionArn" {
			return aws.ToString(o.OutputValue), nil
		}
	}
	return "", nil
}

// change sets triggers of a pool, and nothing else there. The pool's permission to
// invoke a function is given before, or taken away after it.
type change struct {
	*session.Session
	clients

	before *pool
	// triggers are those that may be changed, PostConfirmation first.
	triggers []*trigger
	report   *Report
}

// trigger is one trigger of a change.
type trigger struct {
	kind kind
	// arn is the new one, empty for none.
	arn string
	// note says why the pool keeps the one that it has.
	note string

	permission    permission.Permission
	grant, revoke bool
	report        *Trigger
}

// setsTriggers reports whether the pool is to be changed.
func (c *change) setsTriggers() bool {
	return slices.ContainsFunc(c.triggers, func(t *trigger) bool { return c.before.trigger(t.kind) != t.arn })
}

// permits reports whether a permission is to be given or taken away.
func (c *change) permits() bool {
	return slices.ContainsFunc(c.triggers, func(t *trigger) bool { return t.grant || t.revoke })
}

// run shows the change, asks, and makes it.
func (c *change) run(ctx context.Context, f Flags) error {
	c.begin(f.DryRun)
	if !c.setsTriggers() && !c.permits() {
		c.report.Result = Already
		c.print(f.JSON)
		return nil
	}
	if c.setsTriggers() {
		if err := c.before.checkCarried(); err != nil {
			return err
		}
	}
	if f.DryRun {
		c.report.Result = WouldChange
		c.print(f.JSON)
		return session.ErrAttention
	}
	if !f.Yes {
		if err := c.Confirm(ctx, c.report.plan()+"Make this change?"); err != nil {
			return err
		}
	}
	if err := session.Ended(ctx); err != nil {
		return err
	}
	fmt.Fprintln(c.Stderr, "changing the user pool and reading it back; Ctrl-C waits for that …")
	err := c.apply(ctx)
	c.print(f.JSON)
	return err
}

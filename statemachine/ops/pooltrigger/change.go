package pooltrigger

import (
	"context"
	"errors"
	"fmt"

	"example.com/onboarding/statemachine/ops/internal/permission"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Flags are the flags of attach and detach.
type Flags struct {
	Stack    string `placeholder:"NAME" help:"Name of the stack; its outputs name the user pool and the function."`
	UserPool string `placeholder:"ID" help:"ID of the user pool, without --stack."`
	Trigger  string `placeholder:"ARN" help:"ARN of the stack's trigger function, without --stack."`
	DryRun   bool   `help:"Show what would be changed, and change nothing."`
	Yes      bool   `short:"y" help:"Do not ask. Needed where nobody can be asked."`
	JSON     bool   `name:"json" help:"Print one JSON document."`
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

// change sets the PostConfirmation trigger of a pool, and nothing else
// there. The pool's permission to invoke the function is given before, or taken
// away after it.
type change struct {
	*session.Session
	clients

	before *pool
	// trigger is the new one, empty for none.
	trigger string

	permission    permission.Permission
	grant, revoke bool
	report        *Report
}

func (c *change) setsTrigger() bool { return c.before.trigger() != c.trigger }

// run shows the change, asks, and makes it.
func (c *change) run(ctx context.Context, f Flags) error {
	c.begin(f.DryRun)
	if !c.setsTrigger() && !c.grant && !c.revoke {
		c.report.Result = Already
		c.print(f.JSON)
		return nil
	}
	if c.setsTrigger() {
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

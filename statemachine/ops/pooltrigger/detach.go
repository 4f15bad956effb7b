package pooltrigger

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.com/onboarding/statemachine/ops/internal/permission"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Detach is the command detach.
type Detach struct {
	Flags

	Restore string `placeholder:"ARN" help:"Set this function as PostConfirmation trigger instead of none: the one that attach --replace replaced."`
}

// Help implements kong's detailed help.
func (Detach) Help() string {
	return `Takes the stack's functions away from the user pool, as carefully as attach sets it, and then the permission that attach gave. Run it before you delete the stack: Cognito goes on calling a deleted function, and shows its users an error.`
}

// Run removes the trigger.
func (c Detach) Run(ctx context.Context, s *session.Session) error {
	return c.run(ctx, s, newClients(s.Config))
}

func (c Detach) run(ctx context.Context, s *session.Session, api clients) error {
	userPool, function, err := c.target(ctx, s)
	if err != nil {
		return err
	}
	if c.Restore == function {
		return errors.New("--restore names the function that is to be removed")
	}
	before, err := api.readPool(ctx, userPool)
	if err != nil {
		return err
	}
	if other := before.trigger(postConfirmation); other != "" && other != function && other != c.Restore {
		return fmt.Errorf("the PostConfirmation trigger of user pool %s is not this stack's: it is %s, and stays", userPool, other)
	}
	if err := c.checkRestored(ctx, api, before); err != nil {
		return err
	}
	change := change{Session: s, clients: api, before: before}
	if err := change.detach(ctx, postConfirmation, function, c.Restore); err != nil {
		return err
	}
	firstToken, err := c.firstToken(ctx, s, true)
	if err != nil {
		return err
	}
	if firstToken != "" {
		if err := change.detach(ctx, preTokenGeneration, firstToken, ""); err != nil {
			return err
		}
	}
	return change.run(ctx, c.Flags)
}

// detach adds a trigger from which the stack's function is to be taken away.
func (c *change) detach(ctx context.Context, k kind, function, restore string) error {
	t := &trigger{kind: k, arn: restore}
	if other := c.before.trigger(k); k == preTokenGeneration && other != "" && other != function {
		t.arn, t.note = other, "it is not this stack's"
	}
	var err error
	if t.permission, err = permission.For(c.functions, function, aws.ToString(c.before.settings.Arn)); err != nil {
		return err
	}
	if _, t.revoke, err = t.permission.Read(ctx); err != nil {
		return err
	}
	c.triggers = append(c.triggers, t)
	return nil
}

// checkRestored refuses to set a trigger that Cognito may not invoke: every
// confirmation would show an error.
func (c Detach) checkRestored(ctx context.Context, api clients, before *pool) error {
	if c.Restore == "" || c.Restore == before.trigger(postConfirmation) {
		return nil
	}
	grant, err := permission.For(api.functions, c.Restore, aws.ToString(before.settings.Arn))
	if err != nil {
		return err
	}
	granted, _, err := grant.Read(ctx)
	if err == nil && !granted {
		err = fmt.Errorf("Cognito may not invoke %s for user pool %s: give it the permission first (lambda:AddPermission)", c.Restore, before.id()) //nolint:staticcheck // Cognito is a name
	}
	return err
}

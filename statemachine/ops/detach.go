package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
)

type detachCommand struct {
	triggerFlags

	Restore string `placeholder:"ARN" help:"Set this function as PostConfirmation trigger instead of none: the one that attach --replace replaced."`
}

// Help implements kong's detailed help.
func (detachCommand) Help() string {
	return `Takes the stack's function away from the user pool, as carefully as attach sets it, and then the permission that attach gave. Run it before you delete the stack: Cognito goes on calling a deleted function, and shows its users an error.`
}

// Run removes the trigger.
func (c detachCommand) Run(ctx context.Context, s *session) error {
	userPool, function, err := c.target(ctx, s)
	if err != nil {
		return err
	}
	if c.Restore == function {
		return errors.New("--restore names the function that is to be removed")
	}
	before, err := s.readPool(ctx, userPool)
	if err != nil {
		return err
	}
	if other := before.trigger(); other != "" && other != function && other != c.Restore {
		return fmt.Errorf("the PostConfirmation trigger of user pool %s is not this stack's: it is %s, and stays", userPool, other)
	}
	if err := c.checkRestored(ctx, s, before); err != nil {
		return err
	}
	permission, err := s.permissionFor(function, aws.ToString(before.settings.Arn))
	if err != nil {
		return err
	}
	_, byAttach, err := permission.read(ctx)
	if err != nil {
		return err
	}
	change := triggerChange{session: s, before: before, trigger: c.Restore, permission: permission, revoke: byAttach}
	return change.run(ctx, c.triggerFlags)
}

// checkRestored refuses to set a trigger that Cognito may not invoke: every
// confirmation would show an error.
func (c detachCommand) checkRestored(ctx context.Context, s *session, before *pool) error {
	if c.Restore == "" || c.Restore == before.trigger() {
		return nil
	}
	permission, err := s.permissionFor(c.Restore, aws.ToString(before.settings.Arn))
	if err != nil {
		return err
	}
	granted, _, err := permission.read(ctx)
	if err == nil && !granted {
		err = fmt.Errorf("Cognito may not invoke %s for user pool %s: give it the permission first (lambda:AddPermission)", c.Restore, before.id()) //nolint:staticcheck // Cognito is a name
	}
	return err
}

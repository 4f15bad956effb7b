package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
)

type attachCommand struct {
	triggerFlags

	Replace bool `help:"Replace another PostConfirmation trigger, which then no longer runs."`
}

// Help implements kong's detailed help.
func (attachCommand) Help() string {
	return `Sets the stack's function as PostConfirmation trigger of a user pool that is in use. UpdateUserPool resets every setting that it does not get, so all settings are read, sent back and compared afterwards; if one differs, the former ones are restored. A setting that cannot be carried over is named, and nothing is changed.

If Cognito may not invoke the function yet, it is given the permission before the trigger is set.

Do not change the pool at the same time: Cognito has no means to make an update depend on what was read. And if CloudFormation, Terraform or Amplify manages the pool, set the trigger there: their next deployment may take away what was set here.

All settings are sent, so the call needs iam:PassRole for the role of a pool that sends SMS, and may need kms:CreateGrant for a key that the pool names.`
}

// Run sets the trigger.
func (c attachCommand) Run(ctx context.Context, s *session) error {
	userPool, function, err := c.target(ctx, s)
	if err != nil {
		return err
	}
	before, err := s.readPool(ctx, userPool)
	if err != nil {
		return err
	}
	if other := before.trigger(); other != "" && other != function && !c.Replace {
		return fmt.Errorf("user pool %s has another PostConfirmation trigger, %s: --replace replaces it, and ops detach --restore %s puts it back", userPool, other, other)
	}
	permission, err := s.permissionFor(function, aws.ToString(before.settings.Arn))
	if err != nil {
		return err
	}
	granted, _, err := permission.read(ctx)
	if err != nil {
		return err
	}
	change := triggerChange{session: s, before: before, trigger: function, permission: permission, grant: !granted}
	return change.run(ctx, c.triggerFlags)
}

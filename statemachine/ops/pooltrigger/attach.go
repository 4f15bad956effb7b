package pooltrigger

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.com/onboarding/statemachine/ops/internal/permission"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// Attach is the command attach.
type Attach struct {
	Flags

	Replace bool `help:"Replace another PostConfirmation trigger, which then no longer runs."`
}

// Help implements kong's detailed help.
func (Attach) Help() string {
	return `Sets the stack's function as PostConfirmation trigger of a user pool that is in use, and its function FirstToken as Pre Token Generation trigger unless the stack has that off. A Pre Token Generation trigger that is there already stays, and what it has to call is said. UpdateUserPool resets every setting that it does not get, so all settings are read, sent back and compared afterwards; if one differs, the former ones are restored. A setting that cannot be carried over is named, and nothing is changed.

If Cognito may not invoke the function yet, it is given the permission before the trigger is set.

Do not change the pool at the same time: Cognito has no means to make an update depend on what was read. And if CloudFormation, Terraform or Amplify manages the pool, set the trigger there: their next deployment may take away what was set here.

All settings are sent, so the call needs iam:PassRole for the role of a pool that sends SMS, and may need kms:CreateGrant for a key that the pool names.`
}

// Run sets the trigger.
func (c Attach) Run(ctx context.Context, s *session.Session) error {
	return c.run(ctx, s, newClients(s.Config))
}

func (c Attach) run(ctx context.Context, s *session.Session, api clients) error {
	userPool, function, err := c.target(ctx, s)
	if err != nil {
		return err
	}
	before, err := api.readPool(ctx, userPool)
	if err != nil {
		return err
	}
	if other := before.trigger(postConfirmation); other != "" && other != function && !c.Replace {
		return fmt.Errorf("user pool %s has another PostConfirmation trigger, %s: --replace replaces it, and ops detach --restore %s puts it back", userPool, other, other)
	}
	change := change{Session: s, clients: api, before: before}
	if err := change.attach(ctx, postConfirmation, function); err != nil {
		return err
	}
	firstToken, err := c.firstToken(ctx, s, false)
	if err != nil {
		return err
	}
	if firstToken != "" {
		if err := change.attach(ctx, preTokenGeneration, firstToken); err != nil {
			return err
		}
	}
	return change.run(ctx, c.Flags)
}

// attach adds a trigger that is to be set. A Pre Token Generation trigger of somebody
// else is left alone, because the pool's tokens may need what it does.
func (c *change) attach(ctx context.Context, k kind, function string) error {
	if other := c.before.trigger(k); k == preTokenGeneration && other != "" && other != function {
		c.triggers = append(c.triggers, &trigger{
			kind: k, arn: other,
			note: "for new users to have their groups in the first token, let that function call InToken of statemachine/firsttoken",
		})
		return nil
	}
	grant, err := permission.For(c.functions, function, aws.ToString(c.before.settings.Arn))
	if err != nil {
		return err
	}
	granted, _, err := grant.Read(ctx)
	if err != nil {
		return err
	}
	c.triggers = append(c.triggers, &trigger{kind: k, arn: function, permission: grant, grant: !granted})
	return nil
}

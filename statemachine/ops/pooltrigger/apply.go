package pooltrigger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// stepLimit is how long each part of a change may take that Ctrl-C does not end.
const stepLimit = time.Minute

// unstoppable returns a context for what must not be left half done.
func unstoppable(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), stepLimit)
}

// apply makes the change. Cognito shows users an error when it may not invoke the
// trigger that a pool names, hence the order.
func (c *change) apply(ctx context.Context) error {
	c.report.Result = Unchanged
	for _, t := range c.triggers {
		if !t.grant {
			continue
		}
		if err := t.permit(ctx, t.permission.Add, PermissionAdded); err != nil {
			return errors.Join(err, c.takeBack(ctx))
		}
	}
	if c.setsTriggers() {
		if err := c.set(ctx); err != nil {
			return errors.Join(err, c.takeBack(ctx))
		}
	}
	c.report.Result = Changed
	var errs []error
	for _, t := range c.triggers {
		if t.revoke {
			errs = append(errs, t.permit(ctx, t.permission.Remove, PermissionRemoved))
		}
	}
	return errors.Join(errs...)
}

func (t *trigger) permit(ctx context.Context, change func(context.Context) error, done PermissionResult) error {
	ctx, cancel := unstoppable(ctx)
	defer cancel()
	if err := change(ctx); err != nil {
		return err
	}
	t.report.Permission = done
	return nil
}

// takeBack removes the permissions again that were given for nothing.
func (c *change) takeBack(ctx context.Context) error {
	var errs []error
	for _, t := range c.triggers {
		if t.report.Permission == PermissionAdded && t.report.After != t.arn && c.report.Result != Unknown {
			errs = append(errs, t.permit(ctx, t.permission.Remove, PermissionTakenBack))
		}
	}
	return errors.Join(errs...)
}

// set sets the triggers, and restores the pool if anything else there has changed.
func (c *change) set(ctx context.Context) error {
	if err := c.checkUnchanged(ctx); err != nil {
		return err
	}
	wanted := c.before
	for _, t := range c.triggers {
		if wanted.trigger(t.kind) != t.arn {
			wanted = wanted.withTrigger(t.kind, t.arn)
		}
	}
	after, err := c.put(ctx, wanted)
	if after == nil {
		c.report.Result = Unknown
		return fmt.Errorf("the user pool could not be read after the change: %w. Run the same command again: it tells how the pool is", err)
	}
	c.noteAfter(after)
	mismatch := differences(wanted, after)
	switch {
	case len(mismatch) == 0:
		return nil // even if the answer to a call was lost
	case err != nil && len(differences(c.before, after)) == 0:
		return fmt.Errorf("nothing was changed: %w", err)
	}
	c.report.Differences = mismatch
	return errors.Join(err, c.restore(ctx))
}

func (c *change) noteAfter(p *pool) {
	for _, t := range c.triggers {
		t.report.After = p.trigger(t.kind)
	}
}

// restore gives the pool its former settings back.
func (c *change) restore(ctx context.Context) error {
	restored, err := c.put(ctx, c.before)
	if restored == nil {
		c.report.Result = Unknown
		return fmt.Errorf("the change did not leave the other settings as they were (%s), and whether they could be restored is not known: %w", names(c.report.Differences), err)
	}
	c.noteAfter(restored)
	c.report.NotRestored = differences(c.before, restored)
	if len(c.report.NotRestored) > 0 {
		c.report.Result = NotRestored
		return errors.Join(fmt.Errorf("the change did not leave the other settings as they were (%s), and these could not be restored: %s",
			names(c.report.Differences), names(c.report.NotRestored)), err)
	}
	c.report.Result = Restored
	return fmt.Errorf("the change did not leave the other settings as they were (%s), so it was undone: the pool is as before", names(c.report.Differences))
}

func names(found []Difference) string {
	var settings []string
	for _, d := range found {
		settings = append(settings, d.Setting)
	}
	return strings.Join(settings, ", ")
}

// checkUnchanged refuses to overwrite what somebody else changed while the
// question was open. UpdateUserPool has no condition, so a change in the moment
// between this and that call is lost all the same.
func (c *change) checkUnchanged(ctx context.Context) error {
	ctx, cancel := unstoppable(ctx)
	defer cancel()
	now, err := c.readPool(ctx, c.before.id())
	if err != nil {
		return err
	}
	changed := differences(c.before, now)
	if len(changed) > 0 || !aws.ToTime(c.before.settings.LastModifiedDate).Equal(aws.ToTime(now.settings.LastModifiedDate)) {
		return fmt.Errorf("nothing was changed, because somebody else changed the user pool meanwhile (%s): run it again", orNone(names(changed)))
	}
	return nil
}

// put gives the pool these settings and returns what it has then, nil if that
// could not be read. The pool is read after an error too: the answer to a call
// that had its effect may be lost.
func (c *change) put(ctx context.Context, want *pool) (*pool, error) {
	ctx, cancel := unstoppable(ctx)
	defer cancel()
	var errs []error
	if _, err := c.pools.UpdateUserPool(ctx, want.update()); err != nil {
		errs = append(errs, fmt.Errorf("update user pool: %w", err))
	}
	got, err := c.readPool(ctx, want.id())
	if err == nil && differInMFA(differences(want, got)) {
		if _, err := c.pools.SetUserPoolMfaConfig(ctx, want.mfaUpdate()); err != nil {
			errs = append(errs, fmt.Errorf("restore the MFA configuration: %w", err))
		}
		got, err = c.readPool(ctx, want.id())
	}
	return got, errors.Join(append(errs, err)...)
}

package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/start"
)

// redrivable is how long an execution can be redriven after it stopped
// (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html).
const redrivable = 14 * 24 * time.Hour

// judge says what pool and record have to say about a user. Found and Restarted are
// what is to be done then, if the executions agree.
func (s *Sweep) judge(u cognito.UserType, r record.Record) User {
	confirmed := u.UserStatus == cognito.UserStatusTypeConfirmed || u.UserStatus == cognito.UserStatusTypeExternalProvider
	cause, passed := passedSkip(u, r)
	switch now := s.Now(); {
	case !u.Enabled:
		return User{Verdict: Disabled}
	case !confirmed:
		return User{Verdict: NotConfirmed}
	case r.Onboarded() && !passed:
		return User{Verdict: Onboarded}
	case now.Sub(aws.ToTime(u.UserLastModifiedDate)) < s.Grace:
		return User{Verdict: Recent}
	case !r.Exists() && aws.ToTime(u.UserCreateDate).Before(s.Since):
		return User{Verdict: TooOld}
	case !r.Exists():
		return User{Verdict: Found}
	case !r.Onboarded() && now.Sub(latest(r)) < redrivable:
		// Its execution stopped no earlier, if it did.
		return User{Verdict: Unfinished}
	}
	return User{Verdict: Restarted, Cause: cause}
}

// passedSkip returns the cause that a step gives which was skipped until something that
// is true now: one for each time that it was skipped. Of several steps it is the latest
// one, which the execution that was started for it comes to last.
func passedSkip(u cognito.UserType, r record.Record) (cause string, passed bool) {
	var last time.Time
	for state, step := range r.Steps {
		if !r.Onboarded() || step.Status != statemachine.StatusSkipped || !isTrue(step.Until, u) {
			continue
		}
		c := start.CauseSkipped(state, step.Reason, step.At)
		if cmp.Or(step.At.Compare(last), strings.Compare(c, cause)) > 0 {
			cause, last = c, step.At
		}
	}
	return cause, cause != ""
}

// isTrue reports whether the condition is true for a user whom Cognito lists.
func isTrue(c statemachine.Condition, u cognito.UserType) bool {
	switch c {
	case statemachine.UntilFound:
		return true
	case statemachine.UntilVerified:
		return attribute(u, "email") != "" && attribute(u, "email_verified") == "true"
	}
	return false
}

// latest is when the latest step ended.
func latest(r record.Record) (last time.Time) {
	for _, step := range r.Steps {
		if step.At.After(last) {
			last = step.At
		}
	}
	return last
}

// onboard starts the user's onboarding, unless an execution stands against it.
func (s *Sweep) onboard(ctx context.Context, u *User) {
	if err := s.Each.Do(ctx, func() error { return s.follow(ctx, u) }); err != nil {
		u.Verdict, u.Err = Failed, err
	}
}

// maxRestarts is how many executions are followed, each started again for the one
// before it. Step Functions knows those of 90 days, and each takes 14 days to expire.
const maxRestarts = 10

// follow looks for the first execution that is free, from the one for the cause on, and
// starts it. Each execution that stopped and cannot be redriven any more is the cause of
// the next. One that Step Functions has forgotten, after 90 days, is free again.
func (s *Sweep) follow(ctx context.Context, u *User) error {
	cause := u.Cause
	for range maxRestarts {
		name := u.Input.ExecutionName(cause)
		x, err := s.Executions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(s.executionARN(name))})
		if _, missing := errors.AsType[*types.ExecutionDoesNotExist](err); missing {
			return s.start(ctx, u, cause)
		}
		switch {
		case err != nil:
			return fmt.Errorf("describe execution: %w", err)
		case x.Status == types.ExecutionStatusSucceeded:
			u.Verdict = Onboarded
			return nil
		case x.Status == types.ExecutionStatusRunning || x.RedriveStatus != types.ExecutionRedriveStatusNotRedrivable:
			u.Verdict = Unfinished
			return nil
		}
		cause = start.CauseStopped(name, aws.ToTime(x.StopDate))
		u.Verdict = Restarted
	}
	u.Verdict = Unfinished
	return nil
}

func (s *Sweep) start(ctx context.Context, u *User, cause string) error {
	u.Cause = cause
	if s.DryRun {
		return nil
	}
	started, err := start.Again(ctx, s.Executions, s.StateMachineARN, u.Input, cause)
	if err == nil && !started { // somebody else did, a moment ago
		u.Verdict = Unfinished
	}
	return err
}

// executionARN returns the ARN of an execution. That of an alias has its name at the
// end, which no execution's has
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
func (s *Sweep) executionARN(name string) string {
	parts := strings.Split(s.StateMachineARN, ":")
	parts = append(parts[:min(len(parts), 7)], name)
	if len(parts) > 5 {
		parts[5] = "execution"
	}
	return strings.Join(parts, ":")
}

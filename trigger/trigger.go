package main

import (
	"context"

	"example.com/onboarding/trigger/internal/onboard"
)

// confirmSignUp is the one trigger source that means a new user. The other one
// that Cognito documents, PostConfirmation_ConfirmForgotPassword, is a password
// reset
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html).
const confirmSignUp = "PostConfirmation_ConfirmSignUp"

// Trigger starts the onboarding of a user whose sign-up was confirmed.
//
// It never fails: when Cognito invokes it the user is confirmed already, an
// error would be shown to that user, and the trigger would not be invoked again.
type Trigger struct{ onboard.Starter }

// Invoke implements lambda.Handler: it takes Cognito's event and returns the same
// bytes, because Cognito wants its event back, fields unknown to us included.
func (t *Trigger) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	t.onboard(ctx, payload)
	return payload, nil
}

func (t *Trigger) onboard(ctx context.Context, payload []byte) {
	e, err := onboard.ParseEvent(payload)
	if err != nil {
		t.Log.WarnContext(ctx, "not onboarded", "reason", err.Error())
		return
	}
	switch source := e.TriggerSource; source {
	case confirmSignUp:
		t.Start(ctx, e)
	case "":
		t.Log.InfoContext(ctx, "not onboarded", "reason", "the event has no triggerSource")
	default:
		t.Log.InfoContext(ctx, "not onboarded", "reason", "not a sign-up", "triggerSource", onboard.Cut(source, 64))
	}
}

package main

import (
	"bytes"
	"context"
	"sync"

	"example.com/onboarding/statemachine/firsttoken"
	"example.com/onboarding/trigger/internal/onboard"
)

// newPassword is the trigger source that means a new user whom PostConfirmation never
// tells of: one that an administrator created, who has now set a password
// (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html).
const newPassword = "TokenGeneration_NewPasswordChallenge"

// FirstToken gives new users the groups in their tokens, and starts the onboarding of
// one who was invited.
//
// It never fails, because the sign-in would: what could not be done is in the log.
type FirstToken struct {
	firsttoken.Groups

	Starter onboard.Starter
}

// Invoke implements lambda.Handler. Both things are done at once, so that it takes as
// long as a start does: 3.5 of the 5 seconds that Cognito waits, at the most.
func (f *FirstToken) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var starting sync.WaitGroup
	if bytes.Contains(payload, []byte(newPassword)) { // most sign-ins need no parsing for it
		if e, err := onboard.ParseEvent(payload); err == nil && e.TriggerSource == newPassword {
			starting.Go(func() { f.Starter.Start(ctx, e) })
		}
	}
	answer := f.InToken(ctx, payload)
	starting.Wait()
	return answer, nil
}

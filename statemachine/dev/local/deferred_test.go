package local_test

import (
	"net/http"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/local"
)

func TestStartThatFailsIsMadeFromTheQueue(t *testing.T) {
	aws := startAWS(t)
	u := signUp(t, aws)
	failCalls(t, aws, u, 4, "StartExecution", jsonError(400, "ThrottlingException")) // the trigger tries 3 times
	if err := aws.Confirm(t.Context(), u.User, nil); err != nil {
		t.Fatal(err)
	}
	waitForCall(t, aws, "SendMessage", u.isIn)
	checkSucceeded(t, wait(t, aws, u))
	checkEffects(t, aws, u, onboarded(t))
}

func TestLostStartIsLoggedWithTheSub(t *testing.T) {
	aws := startAWS(t)
	waitForLine(t, aws, loseStart(t, aws), `"StartsLost":1`, `"level":"ERROR"`)
}

// loseStart has a user confirm while Step Functions and the queue fail.
func loseStart(t *testing.T, aws *local.AWS) user {
	t.Helper()
	u, mend := confirmWhile(t, aws, jsonError(500, "ServiceUnavailable"), "StartExecution", "SendMessage")
	mend()
	return u
}

// TestUserNeverWaitsLong lets StartExecution and SendMessage accept connections and
// never answer. One of three users has to be served in time: the machine may be
// busy with something else.
func TestUserNeverWaitsLong(t *testing.T) {
	aws := startAWS(t)
	var took time.Duration
	for range 3 {
		if took = triggerWhileAllHangs(t, aws); took < 4900*time.Millisecond {
			break
		}
	}
	if took < 3*time.Second || took > 4900*time.Millisecond {
		t.Errorf("the trigger took %v, want both budgets (3.5 s) and less than Cognito's 5 s", took)
	}
}

// triggerWhileAllHangs returns how long Cognito waited for the trigger.
func triggerWhileAllHangs(t *testing.T, aws *local.AWS) time.Duration {
	t.Helper()
	u := signUp(t, aws)
	defer aws.AddFault(func(c local.Call) http.Handler {
		if u.isIn(c) && (c.Action == "StartExecution" || c.Action == "SendMessage") {
			return http.HandlerFunc(hang)
		}
		return nil
	})()
	if err := aws.Confirm(t.Context(), u.User, nil); err != nil {
		t.Fatalf("the user saw an error: %v", err)
	}
	return aws.Calls(func(c local.Call) bool { return c.Service == "lambda" && u.isIn(c) })[0].Duration
}

// waitForCall waits until a call of the action was answered that is as wanted.
func waitForCall(t *testing.T, aws *local.AWS, action string, wanted func(local.Call) bool) {
	t.Helper()
	if !becomes(func() bool {
		return len(aws.Calls(func(c local.Call) bool { return c.Action == action && wanted(c) })) > 0
	}) {
		t.Fatalf("no call of %s", action)
	}
}

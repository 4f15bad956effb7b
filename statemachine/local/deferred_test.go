package local_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/local"
)

func TestStartThatFailsIsMadeFromTheQueue(t *testing.T) {
	aws := startAWS(t)
	u := signUp(t, aws)
	failCalls(t, aws, u, 4, "StartExecution", jsonError(400, "ThrottlingException")) // the trigger tries 3 times
	if err := aws.Confirm(t.Context(), u.User, nil); err != nil {
		t.Fatal(err)
	}
	waitForCall(t, aws, u, "SendMessage")
	checkSucceeded(t, waitStarted(t, aws, u))
	checkEffects(t, aws, u, onboarded)
}

func TestLostStartIsLoggedWithTheSub(t *testing.T) {
	aws := startAWS(t)
	u := signUp(t, aws)
	failCalls(t, aws, u, 3, "StartExecution", jsonError(500, "ServiceUnavailable"))
	failCalls(t, aws, u, 3, "SendMessage", jsonError(500, "ServiceUnavailable"))
	if err := aws.Confirm(t.Context(), u.User, nil); err != nil {
		t.Fatalf("the user saw an error: %v", err)
	}
	for _, line := range aws.Logs() {
		if strings.Contains(line.Text, u.sub) && strings.Contains(line.Text, `"StartsLost":1`) && strings.Contains(line.Text, `"level":"ERROR"`) {
			return
		}
	}
	t.Errorf("no log line counts the lost start of %s", u.sub)
}

// TestUserNeverWaitsLong lets StartExecution and SendMessage accept connections and
// never answer.
func TestUserNeverWaitsLong(t *testing.T) {
	aws := startAWS(t)
	u := signUp(t, aws)
	hang := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	t.Cleanup(aws.AddFault(func(c local.Call) http.Handler {
		if u.isIn(c) && (c.Action == "StartExecution" || c.Action == "SendMessage") {
			return hang
		}
		return nil
	}))
	began := time.Now()
	if err := aws.Confirm(t.Context(), u.User, nil); err != nil {
		t.Fatalf("the user saw an error: %v", err)
	}
	if waited := time.Since(began); waited < 3*time.Second || waited > 4*time.Second {
		t.Errorf("the user waited %v, want both budgets (3.5 s) and less than 4 s", waited)
	}
}

// waitForCall waits until a call of the action about the user was answered.
func waitForCall(t *testing.T, aws *local.AWS, u user, action string) {
	t.Helper()
	for range 100 {
		if len(aws.Calls(func(c local.Call) bool { return c.Action == action && u.isIn(c) })) > 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no call of %s", action)
}

// waitStarted waits until the execution exists and has ended.
func waitStarted(t *testing.T, aws *local.AWS, u user) local.Execution {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		execution, err := aws.WaitExecution(ctx, u.sub)
		if err == nil {
			return execution
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("no execution: %v", err)
		}
	}
}

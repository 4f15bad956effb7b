package feed_test

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/localtest"
	"example.com/onboarding/statemachine/dev/project"
)

var shared = localtest.Shared{Options: local.Options{
	Root: "../../..", Build: "../../../.local/test", FastRetries: true, FunctionTimeout: 8 * time.Second,
}}

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// TestTellsWhatHappens follows a user whose first step is refused, and redriven.
func TestTellsWhatHappens(t *testing.T) {
	a := shared.Start(t)
	p, err := project.Read("../../..")
	if err != nil {
		t.Fatal(err)
	}
	first := p.Steps[0]
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var f feed.Feed
	feed.Watch(ctx, a, &f)
	allow := a.AddFault(func(c local.Call) http.Handler {
		if c.Action == "Invoke" && strings.Contains(c.Function, first.Function.LogicalID) {
			return &local.APIError{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "not now"}
		}
		return nil
	})
	ofStates := func(c local.Call) bool { return c.Service == "states" && c.Attempt < 2 } // not what is repeated because the answer took long
	calls := len(a.Calls(ofStates))
	user := local.User{Email: "feed@example.com", Name: "Feed"}
	sub, err := a.SignUp(ctx, user)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Confirm(ctx, user, nil); err != nil {
		t.Fatal(err)
	}
	stopped := until(ctx, t, &f, 0, feed.Ended)
	checkKinds(t, stopped, feed.SignedUp, feed.Started, feed.AttemptStarted, feed.AttemptFailed, feed.Ended)
	last := stopped[len(stopped)-1]
	if last.Status != "FAILED" || last.Execution != sub || last.State != first.State || last.Error == "" {
		t.Errorf("the end tells %+v", last)
	}
	allow()
	if _, err := sfn.NewFromConfig(a.Config()).RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: aws.String(last.ARN)}); err != nil {
		t.Fatal(err)
	}
	done := until(ctx, t, &f, last.ID, feed.Ended)
	checkKinds(t, done, feed.Redriven, feed.AttemptStarted, feed.AttemptSucceeded, feed.Ended)
	var succeeded []string
	for _, e := range done {
		if e.Kind == feed.AttemptSucceeded {
			succeeded = append(succeeded, e.State)
			if e.Attempt != 1 || e.Duration <= 0 || len(e.Result) == 0 {
				t.Errorf("%s tells %+v", e.State, e)
			}
		}
	}
	if want := p.States(); !slices.Equal(succeeded, want) {
		t.Errorf("states %v succeeded, want %v", succeeded, want)
	}
	if got := len(a.Calls(ofStates)) - calls; got != 2 {
		t.Errorf("%d calls of Step Functions are recorded, want those that started and redrove: the feed's own leave no trace", got)
	}
}

// until returns the events after the ID up to the first of the kind.
func until(ctx context.Context, t *testing.T, f *feed.Feed, after int64, kind feed.Kind) []feed.Event {
	t.Helper()
	var events []feed.Event
	for e := range f.Follow(ctx) {
		if e.ID <= after {
			continue
		}
		events = append(events, e)
		if e.Kind == kind {
			return events
		}
	}
	t.Fatalf("no %s came after %d; but %v", kind, after, events)
	return nil
}

// checkKinds checks that the events have the kinds, in this order, among others.
func checkKinds(t *testing.T, events []feed.Event, want ...feed.Kind) {
	t.Helper()
	rest := want
	for _, e := range events {
		if len(rest) > 0 && e.Kind == rest[0] {
			rest = rest[1:]
		}
	}
	if len(rest) > 0 {
		t.Errorf("no %s after those before it, in %v", rest[0], events)
	}
}

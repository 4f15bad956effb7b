package local_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
)

// startRedriver returns the local AWS, if its engine is the one that stands in for
// RedriveExecution, and a client of it.
func startRedriver(t *testing.T) (*local.AWS, *sfn.Client) {
	t.Helper()
	a := startAWS(t)
	if otherEngine() != "" {
		t.Skip("the stand-in for RedriveExecution is for moto's engine")
	}
	return a, sfn.NewFromConfig(a.Config())
}

// failedUser returns a user whose execution failed, and the first call of the state
// that it failed at.
func failedUser(t *testing.T, a *local.AWS) (u user, state string, first place) {
	t.Helper()
	state, first = someStep(t, a)
	u = signUp(t, a)
	failCalls(t, a, u, 1, first.at(), first.refuses())
	checkStoppedAt(t, confirm(t, a, u), state)
	return u, state, first
}

func describe(t *testing.T, client *sfn.Client, arn string) *sfn.DescribeExecutionOutput {
	t.Helper()
	out, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRedrivenExecutionGoesOnWhereItStopped(t *testing.T) {
	a, client := startRedriver(t)
	u, state, _ := failedUser(t, a)
	arn := a.ExecutionARN(u.sub)
	before := describe(t, client, arn)
	if before.RedriveStatus != types.ExecutionRedriveStatusRedrivable || aws.ToInt32(before.RedriveCount) != 0 {
		t.Errorf("before: %s after %d redrives, want REDRIVABLE after 0", before.RedriveStatus, aws.ToInt32(before.RedriveCount))
	}
	in := &sfn.RedriveExecutionInput{ExecutionArn: &arn, ClientToken: aws.String("token")}
	first, err := client.RedriveExecution(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if ago := time.Since(*first.RedriveDate); ago < -time.Second || ago > time.Minute {
		t.Errorf("redriven %v ago", ago)
	}
	again, err := client.RedriveExecution(t.Context(), in)
	if err != nil || !again.RedriveDate.Equal(*first.RedriveDate) {
		t.Errorf("the same token again: %v, %v; want %v", again, err, first.RedriveDate)
	}
	e := wait(t, a, u)
	checkSucceededAfter(t, e, pathThrough(t, state, 2)...)
	checkEffects(t, a, u, onboarded(t))
	for i, event := range e.History {
		if event.Id != int64(i+1) || event.PreviousEventId >= event.Id {
			t.Errorf("event %d has the ID %d after %d", i+1, event.Id, event.PreviousEventId)
		}
	}
	after := describe(t, client, arn)
	if after.RedriveStatus != types.ExecutionRedriveStatusNotRedrivable || aws.ToInt32(after.RedriveCount) != 1 ||
		!after.StartDate.Equal(*before.StartDate) || !after.RedriveDate.Equal(*first.RedriveDate) || after.Error != nil {
		t.Errorf("after: %+v", after)
	}
}

func checkSucceededAfter(t *testing.T, e local.Execution, path ...string) {
	t.Helper()
	if e.Status != types.ExecutionStatusSucceeded || !slices.Equal(e.Path(), path) {
		t.Errorf("%s after %v with %s %s, want SUCCEEDED after %v", e.Status, e.Path(), e.Error, e.Cause, path)
	}
}

func TestExecutionThatFailsAgainIsRedrivenAgain(t *testing.T) {
	a, client := startRedriver(t)
	u, state, first := failedUser(t, a)
	arn := a.ExecutionARN(u.sub)
	failCalls(t, a, u, 1, first.at(), first.refuses())
	for range 2 {
		if _, err := client.RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &arn}); err != nil {
			t.Fatal(err)
		}
		wait(t, a, u)
	}
	checkSucceededAfter(t, wait(t, a, u), pathThrough(t, state, 3)...)
	checkEffects(t, a, u, onboarded(t))
	if got := aws.ToInt32(describe(t, client, arn).RedriveCount); got != 2 {
		t.Errorf("redriven %d times, want 2", got)
	}
}

// TestExecutionIsStoppedWhileItsFunctionRuns: what the function does after that is none
// of the execution's business.
func TestExecutionIsStoppedWhileItsFunctionRuns(t *testing.T) {
	a, client := startRedriver(t)
	state, _ := someStep(t, a)
	u, held, letGo := signUp(t, a), make(chan struct{}), make(chan struct{})
	failCalls(t, a, u, 1, state+" Invoke", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(held)
		<-letGo
		a.Forward(w, r)
	}))
	if err := a.Confirm(t.Context(), u.User, nil); err != nil {
		t.Fatal(err)
	}
	<-held
	arn := a.ExecutionARN(u.sub)
	if _, err := client.StopExecution(t.Context(), &sfn.StopExecutionInput{ExecutionArn: &arn}); err != nil {
		t.Fatal(err)
	}
	checkAborted := func(when string) {
		e := wait(t, a, u)
		if last := e.History[len(e.History)-1].Type; e.Status != types.ExecutionStatusAborted || last != types.HistoryEventTypeExecutionAborted {
			t.Errorf("%s: %s, the last event is %s", when, e.Status, last)
		}
	}
	stopped := describe(t, client, arn)
	if stopped.Status != types.ExecutionStatusAborted {
		t.Fatalf("right after it was stopped it is %s", stopped.Status)
	}
	checkAborted("while its function runs")
	close(letGo)
	for len(a.Calls(func(c local.Call) bool { return u.isAt(c, state+" Invoke") })) == 0 { // those that have ended
		time.Sleep(10 * time.Millisecond)
	}
	checkAborted("when its function has ended")
	if again := describe(t, client, arn); !again.StopDate.Equal(*stopped.StopDate) {
		t.Errorf("stopped at %v, later at %v", stopped.StopDate, again.StopDate)
	}
	if _, err := client.RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &arn}); err != nil {
		t.Fatal(err)
	}
	checkSucceededAfter(t, wait(t, a, u), pathThrough(t, state, 2)...)
	checkEffects(t, a, u, onboarded(t))
}

func TestStatusFilterKnowsOfRedrives(t *testing.T) {
	a, client := startRedriver(t)
	u, state, _ := failedUser(t, a)
	arn := a.ExecutionARN(u.sub)
	if !isListed(t, a, client, types.ExecutionStatusFailed, arn) {
		t.Error("the failed execution is not among the FAILED ones")
	}
	if _, err := client.RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &arn}); err != nil {
		t.Fatal(err)
	}
	checkSucceededAfter(t, wait(t, a, u), pathThrough(t, state, 2)...)
	if isListed(t, a, client, types.ExecutionStatusFailed, arn) || !isListed(t, a, client, types.ExecutionStatusSucceeded, arn) {
		t.Error("the redriven execution is still listed as FAILED, or not as SUCCEEDED")
	}
}

// isListed looks through pages of two.
func isListed(t *testing.T, a *local.AWS, client *sfn.Client, status types.ExecutionStatus, arn string) bool {
	t.Helper()
	pages := sfn.NewListExecutionsPaginator(client, &sfn.ListExecutionsInput{
		StateMachineArn: &a.Stack.StateMachineARN, StatusFilter: status, MaxResults: 2,
	})
	var arns []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range page.Executions {
			if x.Status != status || slices.Contains(arns, *x.ExecutionArn) {
				t.Errorf("%s is listed as %s, or twice", *x.ExecutionArn, x.Status)
			}
			arns = append(arns, *x.ExecutionArn)
		}
	}
	return slices.Contains(arns, arn)
}

func TestHistoryIsPagedFromItsEnd(t *testing.T) {
	a, client := startRedriver(t)
	u, _, _ := failedUser(t, a)
	pages := sfn.NewGetExecutionHistoryPaginator(client, &sfn.GetExecutionHistoryInput{
		ExecutionArn: aws.String(a.ExecutionARN(u.sub)), ReverseOrder: true, MaxResults: 3,
	})
	var last int64
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if last == 0 && page.Events[0].Type != types.HistoryEventTypeExecutionFailed || len(page.Events) > 3 {
			t.Errorf("a page of %d events that begins with %s", len(page.Events), page.Events[0].Type)
		}
		for _, event := range page.Events {
			if last != 0 && event.Id != last-1 {
				t.Errorf("event %d follows %d", event.Id, last)
			}
			last = event.Id
		}
	}
	if last != 1 {
		t.Errorf("the last event has the ID %d, want 1", last)
	}
}

func TestRedriveIsRefusedAsByAWS(t *testing.T) {
	a, client := startRedriver(t)
	u := signUp(t, a)
	confirm(t, a, u)
	redrive := func(arn string) error {
		_, err := client.RedriveExecution(t.Context(), &sfn.RedriveExecutionInput{ExecutionArn: &arn})
		return err
	}
	if err := redrive(a.ExecutionARN(u.sub)); !isA[*types.ExecutionNotRedrivable](err) {
		t.Errorf("redrive of a success: %v, want ExecutionNotRedrivable", err)
	}
	if err := redrive(a.ExecutionARN("nobody")); !isA[*types.ExecutionDoesNotExist](err) {
		t.Errorf("redrive of nothing: %v, want ExecutionDoesNotExist", err)
	}
	if err := redrive(a.Stack.StateMachineARN); !isA[*types.InvalidArn](err) {
		t.Errorf("redrive of a state machine: %v, want InvalidArn", err)
	}
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

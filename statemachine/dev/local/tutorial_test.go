package local_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/onboarding/statemachine/dev/local"
)

// TestEventsAreAsTheirSchemaHasThem validates the events of a user who was mailed and
// of one who could not be.
func TestEventsAreAsTheirSchemaHasThem(t *testing.T) {
	needsStep(t, analyticsState)
	needsStep(t, mailState)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("../../../steps/recordanalytics/useronboarded.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	aws := startAWS(t)
	mailed, unverified := signUp(t, aws), signUp(t, aws)
	checkSucceeded(t, confirm(t, aws, mailed))
	if _, err := cognito(aws).AdminConfirmSignUp(t.Context(), &cognitoidentityprovider.AdminConfirmSignUpInput{
		UserPoolId: &aws.Stack.UserPoolID, Username: &unverified.username,
	}); err != nil {
		t.Fatal(err)
	}
	checkSucceeded(t, wait(t, aws, unverified))
	for u, status := range map[*user]string{&mailed: "done", &unverified: "skipped"} {
		detail, _ := eventOfUser(t, aws, *u)["detail"].(map[string]any)
		if err := schema.Validate(detail); err != nil {
			t.Error(err)
		}
		email, _ := detail[resultName(t, mailState)].(map[string]any)
		if detail["version"] != "1" || detail["sub"] != u.sub || email["status"] != status {
			t.Errorf("detail %v, want version 1 of %s, email %s", detail, u.sub, status)
		}
	}
}

// TestTutorialRunsOnceForEachUser hands the event of a real onboarding to the example
// that follows it, three times, as EventBridge may.
func TestTutorialRunsOnceForEachUser(t *testing.T) {
	a := startAWS(t)
	u := signUp(t, a)
	checkSucceeded(t, confirm(t, a, u))
	e := makeExample(t, a)
	event := marshal(t, eventOfUser(t, a, u))
	goOn := holdEvents(t, a, u)
	e.checkStarted(t, e.start(t, event), "StartTutorial")
	e.checkStarted(t, e.start(t, event), "StartTutorial") // it runs, and the input is the same: Step Functions answers with it
	goOn()
	e.checkTutorial(t, u)
	refused := e.start(t, event) // it has ended: the name is refused
	e.checkStarted(t, refused, "StartTutorial", "AlreadyStarted")
	if got, want := e.failures(t, *refused.ExecutionArn), []string{"StepFunctions.ExecutionAlreadyExistsException"}; !slices.Equal(got, want) {
		t.Errorf("the last start failed with %v, want %v and no retry", got, want)
	}
	list, err := sfn.NewFromConfig(a.Config()).ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: &e.tutorial})
	if err != nil || len(list.Executions) != 1 || *list.Executions[0].Name != u.sub {
		t.Errorf("tutorials %+v, %v, want one, of %s", list, err, u.sub)
	}
	if got, want := e.stepsDue(t, u), []int{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("steps %v are due, want %v", got, want)
	}
}

// holdEvents keeps a tutorial at its first step until it may go on.
func holdEvents(t *testing.T, a *local.AWS, u user) (goOn func()) {
	t.Helper()
	held := make(chan struct{})
	remove := a.AddFault(func(c local.Call) http.Handler {
		if c.Action != "PutEvents" || !u.isIn(c) {
			return nil
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-held
			a.Forward(w, r)
		})
	})
	goOn = sync.OnceFunc(func() {
		remove()
		close(held)
	})
	t.Cleanup(goOn)
	return goOn
}

// An event of the same user with other times gives the same input. One that gives
// another input is refused while the tutorial runs, and that is success too.
func TestRunningTutorialIsNotStartedWithAnotherInput(t *testing.T) {
	a := startAWS(t)
	u := signUp(t, a)
	checkSucceeded(t, confirm(t, a, u))
	e := makeExample(t, a)
	event := eventOfUser(t, a, u)
	goOn := holdEvents(t, a, u)
	e.checkStarted(t, e.start(t, marshal(t, event)), "StartTutorial")
	detail, _ := event["detail"].(map[string]any)
	detail["onboardedAt"], detail["durationMillis"] = "2026-03-02T13:01:01.246Z", 90061123
	e.checkStarted(t, e.start(t, marshal(t, event)), "StartTutorial")
	detail["userPoolId"] = "us-east-1_Example02"
	e.checkStarted(t, e.start(t, marshal(t, event)), "StartTutorial", "AlreadyStarted")
	goOn()
	e.checkTutorial(t, u)
}

func TestTutorialIsStartedAndAnnouncedInSpiteOfFailures(t *testing.T) {
	a := startAWS(t)
	u := signUp(t, a)
	checkSucceeded(t, confirm(t, a, u))
	e := makeExample(t, a)
	event := marshal(t, eventOfUser(t, a, u))
	// PutEvents answers 200 for an entry that it refused.
	failCalls(t, a, u, 2, "PutEvents", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"FailedEntryCount":1,"Entries":[{"ErrorCode":"ThrottlingException"}]}`)
	}))
	started := e.startRefused(t, event, u)
	e.checkStarted(t, started, "StartTutorial")
	if got, want := e.failures(t, *started.ExecutionArn), []string{"StepFunctions.ExecutionLimitExceededException"}; !slices.Equal(got, want) {
		t.Errorf("StartTutorial failed with %v, want %v", got, want)
	}
	tutorial := e.checkTutorial(t, u)
	if got, want := e.failures(t, *tutorial.ExecutionArn), []string{"EventBridge.FailedEntry", "EventBridge.FailedEntry"}; !slices.Equal(got, want) {
		t.Errorf("the tutorial failed with %v, want %v", got, want)
	}
	if got, want := e.stepsDue(t, u), []int{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("steps %v are due, want %v", got, want)
	}
}

// TestTutorialStopsWhenTheUserIsGoneOrDone changes each user while the first step is
// put.
func TestTutorialStopsWhenTheUserIsGoneOrDone(t *testing.T) {
	a := startAWS(t)
	for _, test := range []struct {
		name   string
		change func(context.Context, *local.AWS, user) error
		steps  []int
		end    string
	}{
		{"deleted", deleteUser, []int{1}, "UserIsGone"},
		{"disabled", disableUser, []int{1}, "UserIsGone"},
		{"done", setProgress("done"), []int{1}, "TutorialIsDone"},
		{"begun", setProgress("begun"), []int{1, 2, 3}, "TutorialIsDone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := signUp(t, a)
			checkSucceeded(t, confirm(t, a, u))
			e, event := makeExample(t, a), marshal(t, eventOfUser(t, a, u))
			var once atomic.Bool
			t.Cleanup(a.AddFault(func(c local.Call) http.Handler {
				if !u.isAt(c, "PutEvents") || once.Swap(true) {
					return nil
				}
				if err := test.change(t.Context(), a, u); err != nil {
					t.Error(err)
				}
				return nil
			}))
			e.checkStarted(t, e.start(t, event), "StartTutorial")
			arn := *e.checkTutorial(t, u).ExecutionArn
			if got := e.stepsDue(t, u); !slices.Equal(got, test.steps) {
				t.Errorf("steps %v are due, want %v", got, test.steps)
			}
			if path := e.path(t, arn); path[len(path)-1] != test.end {
				t.Errorf("path %v, want %s at its end", path, test.end)
			}
			history := marshal(t, e.history(t, arn))
			for _, personal := range []string{u.Email, u.Name} {
				if strings.Contains(history, personal) {
					t.Errorf("the history has %s", personal)
				}
			}
		})
	}
}

func deleteUser(ctx context.Context, a *local.AWS, u user) error {
	_, err := cognito(a).AdminDeleteUser(ctx, &cognitoidentityprovider.AdminDeleteUserInput{UserPoolId: &a.Stack.UserPoolID, Username: &u.username})
	return err
}

func disableUser(ctx context.Context, a *local.AWS, u user) error {
	_, err := cognito(a).AdminDisableUser(ctx, &cognitoidentityprovider.AdminDisableUserInput{UserPoolId: &a.Stack.UserPoolID, Username: &u.username})
	return err
}

// setProgress does what the app does with the profile.
func setProgress(tutorial string) func(context.Context, *local.AWS, user) error {
	return func(ctx context.Context, a *local.AWS, u user) error {
		_, err := dynamodb.NewFromConfig(a.Config()).UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: aws.String(a.PhysicalID("ProfileTable")), Key: map[string]ddbtypes.AttributeValue{"sub": &ddbtypes.AttributeValueMemberS{Value: u.sub}},
			UpdateExpression:          aws.String("SET tutorial = :tutorial"),
			ExpressionAttributeValues: map[string]ddbtypes.AttributeValue{":tutorial": &ddbtypes.AttributeValueMemberS{Value: tutorial}},
		})
		return err
	}
}

// startRefused starts StartTutorial, whose first call of StartExecution is refused.
func (e example) startRefused(t *testing.T, event string, u user) *sfn.DescribeExecutionOutput {
	t.Helper()
	var once atomic.Bool
	defer e.aws.AddFault(func(c local.Call) http.Handler {
		var in struct{ StateMachineArn string }
		if c.Action != "StartExecution" || !u.isIn(c) || c.Decode(&in) != nil || in.StateMachineArn != e.tutorial || once.Swap(true) {
			return nil
		}
		return jsonError(400, "ExecutionLimitExceeded")
	})()
	return e.start(t, event)
}

// checkTutorial waits until the tutorial of the user has ended well.
func (e example) checkTutorial(t *testing.T, u user) *sfn.DescribeExecutionOutput {
	t.Helper()
	out := e.ended(t, executionARN(e.tutorial, u.sub))
	if out.Status != types.ExecutionStatusSucceeded {
		t.Errorf("tutorial %s, failures %v", out.Status, e.failures(t, *out.ExecutionArn))
	}
	return out
}

// checkStarted checks that the execution of StartTutorial passed the states, and
// succeeded.
func (e example) checkStarted(t *testing.T, out *sfn.DescribeExecutionOutput, states ...string) {
	t.Helper()
	path := e.path(t, *out.ExecutionArn)
	if out.Status != types.ExecutionStatusSucceeded || !slices.Equal(path, states) {
		t.Errorf("StartTutorial: %s after %v, failures %v; want SUCCEEDED after %v", out.Status, path, e.failures(t, *out.ExecutionArn), states)
	}
}

// eventOfUser returns the one UserOnboarded event of the user.
func eventOfUser(t *testing.T, aws *local.AWS, u user) map[string]any {
	t.Helper()
	events, err := aws.Events(t.Context(), u.sub)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	return decoded(t, events[0])
}

package local_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
)

// example is the example of statemachine/examples/tutorial, with short delays. Its
// rule is missing, because moto's EventBridge starts no executions: the tests stand
// in for it.
type example struct {
	aws *local.AWS
	// starter and tutorial are the ARNs of its state machines.
	starter, tutorial string
}

var examples atomic.Int64 // how many have been made

func makeExample(t *testing.T, a *local.AWS) example {
	t.Helper()
	needsStep(t, analyticsState)
	if otherEngine() != "" {
		t.Skip("the other engine was given no address for the services that its states call themselves")
	}
	n := examples.Add(1)
	e := example{aws: a}
	e.tutorial = e.makeMachine(t, fmt.Sprintf("Tutorial-%d", n), strings.NewReplacer(
		"${Partition}", "aws", "${ProfileTableName}", a.PhysicalID("ProfileTable"),
	).Replace(readExample(t, "tutorial")))
	e.starter = e.makeMachine(t, fmt.Sprintf("StartTutorial-%d", n), strings.NewReplacer(
		"${Partition}", "aws", "${TutorialArn}", e.tutorial, "${FirstDelaySeconds}", "1", "${NextDelaySeconds}", "1",
	).Replace(readExample(t, "starttutorial")))
	return e
}

func readExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../examples/tutorial/" + name + ".asl.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// makeMachine makes a state machine whose retries wait a second.
func (e example) makeMachine(t *testing.T, name, definition string) (arn string) {
	t.Helper()
	definition = strings.NewReplacer(
		`"IntervalSeconds": 2`, `"IntervalSeconds": 1`, `"BackoffRate": 2`, `"BackoffRate": 1`, `"JitterStrategy": "FULL"`, `"JitterStrategy": "NONE"`,
	).Replace(definition)
	made, err := sfn.NewFromConfig(e.aws.Config()).CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String("arn:aws:iam::123456789012:role/example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *made.StateMachineArn
}

// start does what EventBridge does for an event of the rule, and waits until
// StartTutorial has ended.
func (e example) start(t *testing.T, event string) *sfn.DescribeExecutionOutput {
	t.Helper()
	name := fmt.Sprintf("delivery-%d", examples.Add(1))
	started, err := sfn.NewFromConfig(e.aws.Config()).StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &e.starter, Name: &name, Input: &event,
	})
	if err != nil {
		t.Fatal(err)
	}
	return e.ended(t, *started.ExecutionArn)
}

// ended waits until the execution has ended.
func (e example) ended(t *testing.T, arn string) *sfn.DescribeExecutionOutput {
	t.Helper()
	for range 600 {
		out, err := sfn.NewFromConfig(e.aws.Config()).DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		if err != nil {
			t.Fatal(err)
		}
		if out.Status != types.ExecutionStatusRunning {
			return out
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not end", arn)
	return nil
}

func executionARN(machine, name string) string {
	return strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":" + name
}

func (e example) history(t *testing.T, arn string) []types.HistoryEvent {
	t.Helper()
	out, err := sfn.NewFromConfig(e.aws.Config()).GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	return out.Events
}

// path returns the states that the execution entered, in order.
func (e example) path(t *testing.T, arn string) []string {
	t.Helper()
	var states []string
	for _, event := range e.history(t, arn) {
		if event.StateEnteredEventDetails != nil {
			states = append(states, *event.StateEnteredEventDetails.Name)
		}
	}
	return states
}

// failures returns the errors of the attempts that failed, in order.
func (e example) failures(t *testing.T, arn string) []string {
	t.Helper()
	var names []string
	for _, event := range e.history(t, arn) {
		if event.TaskFailedEventDetails != nil {
			names = append(names, aws.ToString(event.TaskFailedEventDetails.Error))
		}
	}
	return names
}

// stepsDue returns the steps of the user's tutorial that the event bus has taken.
func (e example) stepsDue(t *testing.T, u user) []int {
	t.Helper()
	var steps []int
	for _, c := range e.aws.Calls(func(c local.Call) bool { return c.Action == "PutEvents" && c.Status == http.StatusOK && u.isIn(c) }) {
		var put struct {
			Entries []struct{ Source, DetailType, Detail string }
		}
		var taken struct{ FailedEntryCount int }
		var detail struct {
			Version, Sub, UserPoolID string
			Step                     int
		}
		if err := json.Unmarshal(c.Response, &taken); err != nil || c.Decode(&put) != nil || len(put.Entries) != 1 {
			t.Fatalf("PutEvents %s: %v", c.Body, err)
		}
		entry := put.Entries[0]
		if entry.Source != "tutorial" || taken.FailedEntryCount > 0 {
			continue
		}
		if err := json.Unmarshal([]byte(entry.Detail), &detail); err != nil {
			t.Fatal(err)
		}
		if entry.DetailType != "TutorialStepDue" || detail.Version != "1" || detail.Sub != u.sub || detail.UserPoolID != e.aws.Stack.UserPoolID {
			t.Errorf("event %+v, want one of %s", entry, u.sub)
		}
		steps = append(steps, detail.Step)
	}
	return steps
}

package local_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/onboarding/statemachine/local"
)

func TestEventIsAsItsSchemaHasIt(t *testing.T) {
	aws := startAWS(t)
	u := signUp(t, aws)
	checkSucceeded(t, confirm(t, aws, u))
	schema, err := jsonschema.NewCompiler().Compile("../../steps/recordanalytics/useronboarded.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(eventOfUser(t, aws, u)["detail"]); err != nil {
		t.Error(err)
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

// TestTutorialRunsOnceForEachUser hands the event of a real onboarding to the example
// that follows it, twice, as EventBridge may. moto's engine cannot start executions
// (it hands boto the parameters' names in Step Functions' spelling, which boto does not
// know), so the engine makes the parameters, and the test starts the execution.
func TestTutorialRunsOnceForEachUser(t *testing.T) {
	a := startAWS(t)
	u := signUp(t, a)
	checkSucceeded(t, confirm(t, a, u))
	tutorial := makeMachine(t, a, "Tutorial", readExample(t, "tutorial"))
	start := startOf(t, a, eventOfUser(t, a, u), strings.NewReplacer(
		"${TutorialArn}", tutorial, "${FirstDelaySeconds}", "0", "${NextDelaySeconds}", "1"))
	if *start.Name != u.sub {
		t.Errorf("the tutorial is named %s, want the sub %s", *start.Name, u.sub)
	}
	client := sfn.NewFromConfig(a.Config())
	started, err := client.StartExecution(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	waitForARN(t, client, *started.ExecutionArn)
	_, err = client.StartExecution(t.Context(), start)
	again, refused := errors.AsType[*types.ExecutionAlreadyExists](err)
	if !refused || !strings.Contains(readExample(t, "starttutorial"), `"StepFunctions.`+again.ErrorCode()+`Exception"`) {
		t.Errorf("the second start: %v, which the definition does not catch", err)
	}
	if got, want := stepsDue(a, u), []int{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("steps %v are due, want %v", got, want)
	}
}

// startOf returns the start that StartTutorial makes of an event.
func startOf(t *testing.T, a *local.AWS, event map[string]any, values *strings.Replacer) *sfn.StartExecutionInput {
	t.Helper()
	var definition struct {
		States struct {
			StartTutorial struct{ Parameters json.RawMessage }
		}
	}
	if err := json.Unmarshal([]byte(values.Replace(readExample(t, "starttutorial"))), &definition); err != nil {
		t.Fatal(err)
	}
	machine := makeMachine(t, a, "StartTutorial", `{"StartAt": "Show", "States": {"Show": {"Type": "Pass", "End": true, "Parameters": `+
		string(definition.States.StartTutorial.Parameters)+`}}}`)
	client := sfn.NewFromConfig(a.Config())
	started, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: &machine, Input: aws.String(marshal(t, event))})
	if err != nil {
		t.Fatal(err)
	}
	var start struct {
		StateMachineArn, Name string
		Input                 json.RawMessage
	}
	if err := json.Unmarshal([]byte(waitForARN(t, client, *started.ExecutionArn)), &start); err != nil {
		t.Fatal(err)
	}
	return &sfn.StartExecutionInput{StateMachineArn: &start.StateMachineArn, Name: &start.Name, Input: aws.String(string(start.Input))}
}

func readExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../examples/tutorial/" + name + ".asl.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func makeMachine(t *testing.T, a *local.AWS, name, definition string) (arn string) {
	t.Helper()
	made, err := sfn.NewFromConfig(a.Config()).CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String("arn:aws:iam::123456789012:role/example"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *made.StateMachineArn
}

// waitForARN waits until the execution has succeeded, and returns its output.
func waitForARN(t *testing.T, client *sfn.Client, arn string) (output string) {
	t.Helper()
	for range 200 {
		out, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		if err != nil {
			t.Fatal(err)
		}
		if out.Status == types.ExecutionStatusSucceeded {
			return aws.ToString(out.Output)
		}
		if out.Status != types.ExecutionStatusRunning {
			t.Fatalf("%s: %s with %s %s", arn, out.Status, aws.ToString(out.Error), aws.ToString(out.Cause))
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not end", arn)
	return ""
}

// stepsDue returns the steps of the user's tutorial that were put on the event bus.
func stepsDue(a *local.AWS, u user) []int {
	var steps []int
	for _, c := range a.Calls(func(c local.Call) bool { return c.Action == "PutEvents" && c.Status == http.StatusOK && u.isIn(c) }) {
		var put struct {
			Entries []struct{ Source, Detail string }
		}
		var detail struct{ Step int }
		if c.Decode(&put) == nil && put.Entries[0].Source == "tutorial" && json.Unmarshal([]byte(put.Entries[0].Detail), &detail) == nil {
			steps = append(steps, detail.Step)
		}
	}
	return steps
}

package local_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/local"
	"example.com/onboarding/statemachine/local/internal/engine"
)

// standInEngine returns a client of the engine for load, with the deployed definition
// and the same functions.
func standInEngine(t *testing.T, a *local.AWS) *sfn.Client {
	t.Helper()
	e := engine.New()
	t.Cleanup(e.Close)
	cfg := a.Config()
	deployed, err := sfn.NewFromConfig(cfg).DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &a.Stack.StateMachineARN})
	if err != nil {
		t.Fatal(err)
	}
	cfg.HTTPClient = local.InProcess(e)
	client := sfn.NewFromConfig(cfg)
	made, err := client.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: deployed.Name, RoleArn: deployed.RoleArn, Definition: deployed.Definition,
	})
	if err != nil || *made.StateMachineArn != a.Stack.StateMachineARN {
		t.Fatalf("made %v, %v", made, err)
	}
	return client
}

// waitAt waits for an execution of another engine.
func waitAt(t *testing.T, client *sfn.Client, arn string) local.Execution {
	t.Helper()
	var out *sfn.DescribeExecutionOutput
	for deadline := time.Now().Add(time.Minute); out == nil || out.Status == types.ExecutionStatusRunning; time.Sleep(20 * time.Millisecond) {
		var err error
		if out, err = client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn}); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatal("the execution does not end")
		}
	}
	history, err := client.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	return local.Execution{
		Status: out.Status, Error: aws.ToString(out.Error), Input: *out.Input, Output: aws.ToString(out.Output),
		Attempts: local.Attempts(history.Events),
	}
}

// TestStandInEngineActsAsMotos takes two users through the same, one on each engine.
func TestStandInEngineActsAsMotos(t *testing.T) {
	for _, test := range []struct {
		name, at string
		fault    http.Handler
		calls    int
		status   types.ExecutionStatus
	}{
		{name: "onboarded", status: types.ExecutionStatusSucceeded},
		{"retried", "AdminAddUserToGroup", jsonError(500, "InternalErrorException"), 2, types.ExecutionStatusSucceeded},
		{"throttled by Lambda", "AddUserToGroup Invoke", jsonError(429, "TooManyRequestsException"), 2, types.ExecutionStatusSucceeded},
		{"stopped", "SendEmail", mailError(400, "MessageRejected"), 1, types.ExecutionStatusFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := startAWS(t)
			if otherEngine() != "" {
				t.Skip("compares with moto's engine")
			}
			client := standInEngine(t, a)
			var ends []local.Execution
			for _, wait := range []func(user) local.Execution{
				func(u user) local.Execution { return wait(t, a, u) },
				func(u user) local.Execution { return waitAt(t, client, a.ExecutionARN(u.sub)) },
			} {
				u := signUp(t, a)
				setAttribute(t, a, u, "email_verified", "true")
				if test.calls > 0 {
					failCalls(t, a, u, test.calls, test.at, test.fault)
				}
				starter := sfn.NewFromConfig(a.Config())
				if len(ends) == 1 {
					starter = client
				}
				input := `{"userPoolId":"` + a.Stack.UserPoolID + `","username":"` + u.username + `","sub":"` + u.sub + `","metadata":{"campaign":"spring"}}`
				in := &sfn.StartExecutionInput{StateMachineArn: &a.Stack.StateMachineARN, Name: &u.sub, Input: &input}
				if _, err := starter.StartExecution(t.Context(), in); err != nil {
					t.Fatal(err)
				}
				e := wait(u)
				if _, err := starter.StartExecution(t.Context(), in); err == nil || !strings.Contains(err.Error(), "ExecutionAlreadyExists") {
					t.Errorf("a second start: %v, want ExecutionAlreadyExists", err)
				}
				if e.Input != input || e.Status != test.status {
					t.Errorf("execution %+v, want %s with input %s", e, test.status, input)
				}
				ends = append(ends, e)
			}
			compareEnds(t, ends[0], ends[1])
		})
	}
}

func compareEnds(t *testing.T, motos, standIn local.Execution) {
	t.Helper()
	path := func(e local.Execution) (steps []string) {
		for _, a := range e.Attempts {
			steps = append(steps, a.State+" "+a.Error)
		}
		return steps
	}
	if got, want := path(standIn), path(motos); !slices.Equal(got, want) {
		t.Errorf("attempts %q, moto's %q", got, want)
	}
	if standIn.Error != motos.Error {
		t.Errorf("error %q, moto's %q", standIn.Error, motos.Error)
	}
	if motos.Output == "" || standIn.Output == "" {
		if motos.Output != standIn.Output {
			t.Errorf("output %q, moto's %q", standIn.Output, motos.Output)
		}
		return
	}
	without := func(e local.Execution) statemachine.State {
		s := outputOf(t, e)
		s.Email.MessageID, s.Analytics.EventID, s.Username, s.Sub = "", "", "", ""
		return s
	}
	if got, want := marshal(t, without(standIn)), marshal(t, without(motos)); got != want {
		t.Errorf("output %s, moto's %s", got, want)
	}
}

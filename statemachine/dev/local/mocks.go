package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/mock"
)

// mostMockedRetries is how often the machine of Mocks retries at the most. Waiting
// for all the retries of the definition takes a day; the longest case that recovers
// needs six.
const mostMockedRetries = 6

// Mocks is a second state machine with the deployed definition, whose executions
// are given the results of mocked cases in the place of the functions'.
type Mocks struct {
	// Definition is the deployed one, but with fewer retries.
	Definition string
	// ByEngine says that the engine itself reads the cases, from the file that
	// SFN_MOCK_CONFIG names, as Step Functions Local does from version 1.9 on.
	// Without it the gateway serves them.
	ByEngine bool

	aws    *AWS
	arn    string
	states map[string]string // by function
	cases  map[string]mock.Case

	mu      sync.Mutex
	running map[string]mock.Case // by execution
}

// NewMocks makes the state machine for the cases. Stop ends the serving.
func (a *AWS) NewMocks(ctx context.Context, cases map[string]mock.Case) (mocks *Mocks, stop func(), err error) {
	machines := sfn.NewFromConfig(a.Config())
	deployed, err := machines.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &a.Stack.StateMachineARN})
	if err != nil {
		return nil, nil, fmt.Errorf("describe the state machine: %w", err)
	}
	d, err := parseDefinition(*deployed.Definition)
	if err != nil {
		return nil, nil, err
	}
	d.capRetries(mostMockedRetries)
	arn, err := a.makeMockMachine(ctx, d.String(), *deployed.RoleArn)
	if err != nil {
		return nil, nil, err
	}
	mocks = &Mocks{
		Definition: d.String(), aws: a, arn: arn,
		states: d.functions(), cases: cases, running: make(map[string]mock.Case),
	}
	return mocks, a.AddFault(mocks.answer), nil
}

// makeMockMachine makes the machine of the mock file. An engine that was started
// by hand has it from the last run, with the functions of then.
func (a *AWS) makeMockMachine(ctx context.Context, definition, role string) (arn string, err error) {
	machines := sfn.NewFromConfig(a.Config())
	made, err := machines.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: aws.String(mock.Machine), RoleArn: &role, Definition: &definition,
	})
	if _, exists := errors.AsType[*sfntypes.StateMachineAlreadyExists](err); exists {
		arn = a.Stack.StateMachineARN[:strings.LastIndex(a.Stack.StateMachineARN, ":")+1] + mock.Machine
		_, err = machines.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: &arn, Definition: &definition})
	} else if err == nil {
		arn = *made.StateMachineArn
	}
	if err != nil {
		return "", fmt.Errorf("make the state machine %s: %w", mock.Machine, err)
	}
	return arn, nil
}

// Start starts an execution of the case and returns its ARN.
func (m *Mocks) Start(ctx context.Context, caseName, input string) (arn string, err error) {
	machine := m.arn
	// An engine that was started by hand may know the case from the last run.
	execution := caseName + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if m.ByEngine {
		machine += "#" + caseName
	} else {
		m.mu.Lock()
		m.running[execution] = m.cases[caseName]
		m.mu.Unlock()
	}
	out, err := sfn.NewFromConfig(m.aws.Config()).StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &machine, Name: &execution, Input: &input,
	})
	if err != nil {
		return "", fmt.Errorf("start the case %s: %w", caseName, err)
	}
	return *out.ExecutionArn, nil
}

// Wait waits until the execution has ended.
func (m *Mocks) Wait(ctx context.Context, arn string) (Execution, error) {
	return m.aws.waitExecution(ctx, arn)
}

// answer is the Fault that serves the cases. Which attempt it is, the task says
// itself. A state that the case leaves out gets its function's answer, as in Step
// Functions Local.
func (m *Mocks) answer(c Call) http.Handler {
	var task statemachine.Task
	if c.Function == "" || json.Unmarshal(c.Body, &task) != nil {
		return nil
	}
	m.mu.Lock()
	responses, mocked := m.running[task.ExecutionName][m.states[c.Function]]
	m.mu.Unlock()
	if !mocked {
		return nil
	}
	if task.RetryCount >= len(responses) {
		message := fmt.Sprintf("attempt %d of %s is not mocked", task.RetryCount, m.states[c.Function])
		return &APIError{Status: http.StatusBadRequest, Code: "NotMocked", Message: message}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeMock(w, responses[task.RetryCount]) })
}

// writeMock answers as Lambda does for a function that returned that.
func writeMock(w http.ResponseWriter, r mock.Response) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if r.Return != nil {
		w.WriteHeader(r.Return.StatusCode)
		w.Write(r.Return.Payload) //nolint:errcheck // the caller may be gone
		return
	}
	w.Header().Set("X-Amz-Function-Error", "Unhandled")
	json.NewEncoder(w).Encode(map[string]string{"errorType": r.Throw.Error, "errorMessage": r.Throw.Cause}) //nolint:errcheck // likewise
}

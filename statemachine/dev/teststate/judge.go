package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/mock"
	"example.com/onboarding/statemachine/internal/asl"
)

// api is the part of Step Functions' API that judges a state. With a mock it needs no
// role (https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html).
type api interface {
	TestState(context.Context, *sfn.TestStateInput, ...func(*sfn.Options)) (*sfn.TestStateOutput, error)
}

// judge runs cases on a definition, each attempt of a state judged by itself.
type judge struct {
	api        api
	text       string
	definition asl.Definition
	// answers are those that were given, by question: most cases begin alike.
	answers map[string]*sfn.TestStateOutput
}

func newJudge(api api, definition string) (*judge, error) {
	d, err := asl.Read(definition)
	if err != nil {
		return nil, fmt.Errorf("definition: %w", err)
	}
	return &judge{api: api, text: definition, definition: d, answers: make(map[string]*sfn.TestStateOutput)}, nil
}

// compare runs a case, and returns what is not as the definition says.
func (j *judge) compare(ctx context.Context, c mock.Case, input string) error {
	want, err := mock.Expect(j.text, c)
	if err != nil {
		return err
	}
	ran, err := j.run(ctx, c, input)
	if err != nil {
		return err
	}
	return want.Differences(ran)
}

// run goes from state to state, as the answers say. An error of the SDK is a call that
// failed; any other one says that an answer is not as it should be.
func (j *judge) run(ctx context.Context, c mock.Case, input string) (mock.Ran, error) {
	r := mock.Ran{Input: input, Output: input}
	passed := make(map[string]bool)
	for name := j.definition.StartAt; name != ""; {
		state := j.definition.States[name]
		if state == nil || passed[name] {
			return r, fmt.Errorf("the next state is %s, which there is not or was before", name)
		}
		passed[name] = true
		end, err := j.pass(ctx, &r, name, state.Retry, c[name])
		if err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
		r.Status, r.Error, r.Cause = string(end.Status), aws.ToString(end.Error), aws.ToString(end.Cause)
		if end.Status != types.TestExecutionStatusSucceeded {
			return r, nil
		}
		r.Output, name = aws.ToString(end.Output), aws.ToString(end.NextState)
	}
	return r, nil
}

// pass adds the attempts of one state, and returns the answer to the last one.
func (j *judge) pass(ctx context.Context, r *mock.Ran, name string, retriers []asl.Retrier, responses mock.Responses) (*sfn.TestStateOutput, error) {
	var answer *sfn.TestStateOutput
	retried := make([]int32, len(retriers))
	for i, response := range responses {
		retrier := -1
		if response.Throw != nil {
			retrier = asl.RetrierOf(retriers, response.Throw.Error)
		}
		if !between(responses, i) {
			in := question(name, r.Output, i, response)
			if retrier >= 0 {
				in.StateConfiguration = &types.TestStateConfiguration{RetrierRetryCount: aws.Int32(retried[retrier])}
			}
			var err error
			if answer, err = j.ask(ctx, in); err != nil {
				return nil, err
			}
			if err := check(answer, i, retrier); err != nil {
				return nil, fmt.Errorf("attempt %d: %w", i, err)
			}
		}
		r.Attempts = append(r.Attempts, mock.Attempt{State: name, Error: aws.ToString(answer.Error)})
		if answer.Status != types.TestExecutionStatusRetriable {
			return answer, nil
		}
		retried[retrier]++
	}
	return nil, fmt.Errorf("attempt %d is not mocked", len(responses))
}

// between reports whether an attempt is in the midst of ones that end alike. It is not
// asked about: between the first retry and the last ones, of which there are a thousand,
// nothing but their number changes.
func between(responses mock.Responses, i int) bool {
	if i == 0 || i+2 >= len(responses) {
		return false
	}
	for _, other := range []int{i - 1, i + 1, i + 2} {
		if !reflect.DeepEqual(responses[other], responses[i]) {
			return false
		}
	}
	return true
}

// execution is the name of the execution that the states are said to be of.
const execution = "case"

// question is about one attempt, the first one being 0.
func question(state, input string, attempt int, response mock.Response) *sfn.TestStateInput {
	// Nothing is validated: by the model of Lambda's API a payload is a string, whereas
	// lambda:invoke gives states the JSON that is in it.
	m := &types.MockInput{FieldValidationMode: types.MockResponseValidationModeNone}
	if response.Throw != nil {
		m.ErrorOutput = &types.MockErrorOutput{Error: &response.Throw.Error, Cause: &response.Throw.Cause}
	} else {
		m.Result = aws.String(mock.Encode(response.Return))
	}
	return &sfn.TestStateInput{
		StateName: &state, Input: &input, Mock: m, InspectionLevel: types.InspectionLevelDebug,
		Context: aws.String(mock.Encode(map[string]any{
			"StateMachine": map[string]any{"Name": mock.Machine},
			"Execution":    map[string]any{"Name": execution, "StartTime": "2026-01-02T03:04:05.678Z"},
			"State":        map[string]any{"Name": state, "RetryCount": attempt},
		})),
	}
}

func (j *judge) ask(ctx context.Context, in *sfn.TestStateInput) (*sfn.TestStateOutput, error) {
	key := mock.Encode(in)
	if answer, known := j.answers[key]; known {
		return answer, nil
	}
	in.Definition = &j.text
	answer, err := j.api.TestState(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("call TestState: %w", err)
	}
	j.answers[key] = answer
	return answer, nil
}

// check compares what else is known of an answer: which retrier took the error, and what
// the function is handed. A retrier of -1 is none.
func check(answer *sfn.TestStateOutput, attempt, retrier int) error {
	inspected := answer.InspectionData
	if inspected == nil {
		return errors.New("the answer has no inspection data")
	}
	switch answer.Status {
	case types.TestExecutionStatusRetriable:
		if d := inspected.ErrorDetails; d == nil || d.RetryIndex == nil || int(*d.RetryIndex) != retrier {
			return fmt.Errorf("retrier %d should take the error, the answer has %s", retrier, mock.Encode(d))
		}
	case types.TestExecutionStatusSucceeded:
		var parameters struct{ Payload statemachine.Task }
		if err := json.Unmarshal([]byte(aws.ToString(inspected.AfterParameters)), &parameters); err != nil {
			return fmt.Errorf("decode the parameters: %w", err)
		}
		task := parameters.Payload
		if err := task.Validate(); err != nil {
			return fmt.Errorf("task of the function: %w", err)
		}
		if task.ExecutionName != execution || task.StartTime.IsZero() || task.RetryCount != attempt {
			return fmt.Errorf("the function would get the task %+v", task)
		}
	}
	return nil
}

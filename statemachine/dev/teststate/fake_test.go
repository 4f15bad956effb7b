package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/dev/mock"
	"example.com/onboarding/statemachine/internal/asl"
)

// fake is a TestState that evaluates the state with what is mocked. Its answers have the
// members of those that LocalStack's tests recorded on AWS in November 2025
// (tests/aws/services/stepfunctions/v2/test_state). The function may change the
// definition first: then the answers are those for another one.
type fake func(*asl.Definition)

// TestState implements api.
func (f fake) TestState(_ context.Context, in *sfn.TestStateInput, _ ...func(*sfn.Options)) (*sfn.TestStateOutput, error) {
	d, err := asl.Read(*in.Definition)
	if err != nil {
		return nil, refused("InvalidDefinition", err.Error())
	}
	f(&d)
	s := d.States[*in.StateName]
	if s == nil {
		return nil, refused("ValidationException", "no such state")
	}
	if in.Mock.ErrorOutput != nil {
		return failed(s, in), nil
	}
	return succeeded(s, in)
}

func refused(code, message string) error {
	return &smithy.OperationError{ServiceID: "SFN", OperationName: "TestState", Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

// failed answers for a mocked error.
func failed(s *asl.State, in *sfn.TestStateInput) *sfn.TestStateOutput {
	out := &sfn.TestStateOutput{
		Status: types.TestExecutionStatusFailed, Error: in.Mock.ErrorOutput.Error, Cause: in.Mock.ErrorOutput.Cause,
		InspectionData: &types.InspectionData{},
	}
	i := asl.RetrierOf(s.Retry, *out.Error)
	if i < 0 {
		return out
	}
	d := &types.InspectionErrorDetails{RetryIndex: aws.Int32(int32(i))}
	count := int(*cmp.Or(in.StateConfiguration, &types.TestStateConfiguration{RetrierRetryCount: aws.Int32(0)}).RetrierRetryCount)
	if count < s.Retry[i].Attempts() {
		out.Status = types.TestExecutionStatusRetriable
		d.RetryBackoffIntervalSeconds = aws.Int32(int32(s.Retry[i].Delay(count).Seconds()))
	}
	out.InspectionData.ErrorDetails = d
	return out
}

// succeeded answers for a mocked result.
func succeeded(s *asl.State, in *sfn.TestStateInput) (*sfn.TestStateOutput, error) {
	var input, result map[string]any
	var given any
	for text, into := range map[*string]any{in.Input: &input, in.Mock.Result: &result, in.Context: &given} {
		if err := json.Unmarshal([]byte(*text), into); err != nil {
			return nil, refused("ValidationException", err.Error())
		}
	}
	if _, isText := result["Payload"].(string); !isText && in.Mock.FieldValidationMode != types.MockResponseValidationModeNone {
		return nil, refused("ValidationException", "Mock result schema validation error: Field 'Payload' must be a string")
	}
	after := mock.Encode(filled(s.Parameters, input, given))
	if s.ResultPath != "" {
		input[strings.TrimPrefix(s.ResultPath, "$.")] = filled(s.ResultSelector, result, given)
	}
	out := &sfn.TestStateOutput{
		Status: types.TestExecutionStatusSucceeded, Output: aws.String(mock.Encode(input)),
		InspectionData: &types.InspectionData{AfterParameters: &after},
	}
	if s.Next != "" {
		out.NextState = &s.Next
	}
	return out, nil
}

// filled replaces the members of a template whose names end in ".$" by what their paths
// select in the data, or for "$$" in the context object.
func filled(template map[string]any, data, given any) map[string]any {
	all := make(map[string]any)
	for name, value := range template {
		if inner, ok := value.(map[string]any); ok {
			value = filled(inner, data, given)
		}
		if plain, isPath := strings.CutSuffix(name, ".$"); isPath {
			name, value = plain, selected(fmt.Sprint(value), data, given)
		}
		all[name] = value
	}
	return all
}

func selected(path string, data, given any) any {
	if rest, ofContext := strings.CutPrefix(path, "$$"); ofContext {
		path, data = "$"+rest, given
	}
	for _, member := range strings.Split(path, ".")[1:] {
		object, _ := data.(map[string]any)
		data = object[member]
	}
	return data
}

package definition

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

type describeFunc func() *sfn.DescribeStateMachineOutput

func (f describeFunc) DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	return f(), nil
}

func TestStatesWithinStatesAreNamed(t *testing.T) {
	text := `{"StartAt": "A", "States": {
		"A": {"Type": "Parallel", "Branches": [{"States": {"B": {"Type": "Task"}}}, {"States": {"C": {"Type": "Pass"}}}]},
		"D": {"Type": "Map", "ItemProcessor": {"States": {"E": {"Type": "Map", "Iterator": {"States": {"F": {}}}}}}}}}`
	got, err := States(t.Context(), describeFunc(func() *sfn.DescribeStateMachineOutput {
		return &sfn.DescribeStateMachineOutput{Definition: &text}
	}), "arn")
	if want := []string{"A", "B", "C", "D", "E", "F"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func TestDefinitionThatIsNoJSONIsAnError(t *testing.T) {
	text := "no JSON"
	if got, err := States(t.Context(), describeFunc(func() *sfn.DescribeStateMachineOutput {
		return &sfn.DescribeStateMachineOutput{Definition: &text}
	}), "arn"); err == nil {
		t.Errorf("states %v of it", got)
	}
}

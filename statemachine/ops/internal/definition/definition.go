// Package definition reads which states a deployed state machine has.
package definition

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// API is the part of Step Functions' API that reads a definition.
type API interface {
	DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error)
}

// States returns the names of the state machine's states in alphabetical order, those
// within a Parallel or Map state too.
func States(ctx context.Context, api API, stateMachineARN string) ([]string, error) {
	out, err := api.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &stateMachineARN})
	if err != nil {
		return nil, fmt.Errorf("describe the state machine: %w", err)
	}
	names, err := parse(aws.ToString(out.Definition))
	if err != nil {
		return nil, fmt.Errorf("decode the definition: %w", err)
	}
	return names, nil
}

// machine is a state machine, or what is like one within a state.
type machine struct {
	States map[string]struct {
		Branches                []json.RawMessage
		Iterator, ItemProcessor json.RawMessage
	}
}

func parse(text string) ([]string, error) {
	found := make(map[string]bool)
	for open := []json.RawMessage{json.RawMessage(text)}; len(open) > 0; {
		var m machine
		if err := json.Unmarshal(open[0], &m); err != nil {
			return nil, err //nolint:wrapcheck // the caller says what it was
		}
		open = open[1:]
		for name, state := range m.States {
			found[name] = true
			open = append(open, state.Branches...)
			for _, inner := range []json.RawMessage{state.Iterator, state.ItemProcessor} {
				if inner != nil {
					open = append(open, inner)
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

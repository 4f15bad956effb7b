package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/internal/asl"
)

type definitionAPI interface {
	machineAPI
	DescribeStateMachineAlias(context.Context, *sfn.DescribeStateMachineAliasInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineAliasOutput, error)
}

// definitionsFunc returns the definitions that executions are started with: one, or
// two while another one is brought in gradually.
type definitionsFunc func() ([]string, error)

// startedDefinitions reads them once, for all the checks that need them.
func startedDefinitions(ctx context.Context, api definitionAPI, k *stack) definitionsFunc {
	return sync.OnceValues(func() ([]string, error) {
		versions, err := startedVersions(ctx, api, k)
		if err != nil {
			return nil, err
		}
		definitions := make([]string, len(versions))
		for i, arn := range versions {
			out, err := describeMachine(ctx, api, arn)
			if err != nil {
				return nil, err
			}
			definitions[i] = aws.ToString(out.Definition)
		}
		return definitions, nil
	})
}

// startedVersions returns the ARNs of the versions that executions are started with:
// those that the alias names, or the state machine itself in a stack that has no
// alias, such as one on the local AWS.
func startedVersions(ctx context.Context, api definitionAPI, k *stack) ([]string, error) {
	alias, err := k.physical("OnboardingStateMachineAliaslive")
	if _, none := errors.AsType[*noResourceError](err); none {
		machine, err := k.physical("OnboardingStateMachine")
		return []string{machine}, err
	}
	out, err := api.DescribeStateMachineAlias(ctx, &sfn.DescribeStateMachineAliasInput{StateMachineAliasArn: &alias})
	if err != nil {
		return nil, fmt.Errorf("describe the alias of the state machine: %w", err)
	}
	var versions []string
	for _, route := range out.RoutingConfiguration {
		if route.Weight > 0 {
			versions = append(versions, aws.ToString(route.StateMachineVersionArn))
		}
	}
	return versions, nil
}

// of returns a check that is about a state: it is passed over where no execution is
// started with that state.
func (f definitionsFunc) of(state string, run func(context.Context) ([]Finding, error)) func(context.Context) ([]Finding, error) {
	return func(ctx context.Context) ([]Finding, error) {
		if f.lack(state) {
			return []Finding{fine("passed over: the deployed definition has no state " + state)}, nil
		}
		return run(ctx)
	}
}

// lack reports whether no definition has the state. Where they cannot be read, that
// is another check's finding.
func (f definitionsFunc) lack(state string) bool {
	definitions, err := f()
	return err == nil && !slices.ContainsFunc(definitions, func(text string) bool {
		var d asl.Definition
		err := json.Unmarshal([]byte(text), &d) // not asl.Read, which refuses what this repository does not use
		return err != nil || d.States[state] != nil
	})
}

// leaveOut reports whether no definition names the function.
func (f definitionsFunc) leaveOut(functionARN string) bool {
	definitions, err := f()
	return err == nil && !slices.ContainsFunc(definitions, func(text string) bool { return strings.Contains(text, functionARN) })
}

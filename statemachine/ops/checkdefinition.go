package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine"
)

// mostDifferences is how many differences are named.
const mostDifferences = 5

type definitionAPI interface {
	machineAPI
	DescribeStateMachineAlias(context.Context, *sfn.DescribeStateMachineAliasInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineAliasOutput, error)
}

// checkDefinition checks that what executions are started with is the definition of
// this repository, with the functions of the stack. While a definition is brought in
// gradually, it need be one of two.
func checkDefinition(ctx context.Context, api definitionAPI, k *stack) ([]finding, error) {
	versions, err := startedVersions(ctx, api, k)
	if err != nil {
		return nil, err
	}
	var stale []string
	for _, arn := range versions {
		differing, err := definitionDifferences(ctx, api, k, arn)
		if err != nil {
			return nil, err
		}
		if differing != "" {
			stale = append(stale, differing)
		}
	}
	switch len(stale) {
	case 0:
		return nil, nil
	case len(versions):
		return []finding{fault("the deployed definition is not the one of this repository: it differs in "+stale[0],
			"sam build && sam deploy   # or check out the commit that is deployed")}, nil
	}
	return []finding{warning("a part of the executions runs another definition, which differs in "+stale[0],
		"aws cloudformation wait stack-update-complete --stack-name "+quote(k.name))}, nil
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

// definitionDifferences names what differs between the definition of a version and
// that of this repository; empty if nothing does.
func definitionDifferences(ctx context.Context, api machineAPI, k *stack, arn string) (string, error) {
	out, err := describeMachine(ctx, api, arn)
	if err != nil {
		return "", err
	}
	var deployed, own any
	if err := json.Unmarshal([]byte(aws.ToString(out.Definition)), &deployed); err != nil {
		return "", fmt.Errorf("decode the deployed definition: %w", err)
	}
	if err := json.Unmarshal([]byte(substitute(statemachine.Definition, k)), &own); err != nil {
		return "", fmt.Errorf("decode the definition: %w", err)
	}
	differing, more := jsonDifferences("", own, deployed), ""
	if n := len(differing) - mostDifferences; n > 0 {
		differing, more = differing[:mostDifferences], fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(differing, ", ") + more, nil
}

var substitution = regexp.MustCompile(`\$\{(\w+Function)Arn\}`)

// substitute puts the ARNs of the stack's functions in, as the template does. A
// function that the stack does not have stays as it is, and makes a difference.
func substitute(definition string, k *stack) string {
	return substitution.ReplaceAllStringFunc(definition, func(placeholder string) string {
		name, err := k.physical(substitution.FindStringSubmatch(placeholder)[1])
		if err != nil {
			return placeholder
		}
		return k.arn("lambda", "function:"+name)
	})
}

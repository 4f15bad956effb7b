package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
)

// definitions are those of state machines and versions, by ARN. An alias is there if
// its ARN is, and uses those of the versions 1 and 2 that are not empty.
type definitions map[string]string

func (d definitions) DescribeStateMachine(_ context.Context, in *sfn.DescribeStateMachineInput, _ ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	definition, found := d[*in.StateMachineArn]
	if !found {
		return nil, apiError("AccessDeniedException")
	}
	return &sfn.DescribeStateMachineOutput{Definition: &definition}, nil
}

func (d definitions) DescribeStateMachineAlias(_ context.Context, in *sfn.DescribeStateMachineAliasInput, _ ...func(*sfn.Options)) (*sfn.DescribeStateMachineAliasOutput, error) {
	if _, found := d[*in.StateMachineAliasArn]; !found {
		return nil, apiError("AccessDeniedException")
	}
	out := new(sfn.DescribeStateMachineAliasOutput)
	for _, version := range []string{machineARN + ":1", machineARN + ":2"} {
		weight := int32(50)
		if d[version] == "" {
			weight = 0
		}
		out.RoutingConfiguration = append(out.RoutingConfiguration, types.RoutingConfigurationListItem{StateMachineVersionArn: &version, Weight: weight})
	}
	return out, nil
}

// stackWithSteps has a function for each state of the definition.
func stackWithSteps() *stack {
	k := healthyStack()
	for _, match := range substitution.FindAllStringSubmatch(statemachine.Definition, -1) {
		k.resources = append(k.resources, cfntypes.StackResource{LogicalResourceId: &match[1], PhysicalResourceId: aws.String("f-" + match[1])})
	}
	return k
}

func TestDefinition(t *testing.T) {
	deployed := substitute(statemachine.Definition, stackWithSteps())
	var rearranged map[string]any
	if err := json.Unmarshal([]byte(deployed), &rearranged); err != nil {
		t.Fatal(err)
	}
	compact, err := json.Marshal(rearranged) // sorts the members, too
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, by string) string {
		changed := strings.Replace(deployed, old, by, 1)
		if changed == deployed {
			t.Fatalf("the definition has no %s", old)
		}
		return changed
	}
	for _, test := range []struct{ name, deployed, want string }{
		{"the same", deployed, ""},
		{"the same, in another form", string(compact), ""},
		{"another time-out", replace(`"TimeoutSeconds": 40`, `"TimeoutSeconds": 41`), "differs in States.SendWelcomeEmail.TimeoutSeconds |"},
		{"another function", replace("f-SendWelcomeEmailFunction", "other"), "differs in States.SendWelcomeEmail.Parameters.FunctionName |"},
		{"a state that is missing", replace(`"SendWelcomeEmail": {`, `"SendMail": {`), "differs in States.SendMail, States.SendWelcomeEmail |"},
		{"one retry more", replace(`"Retry": [`, `"Retry": [{},`), "differs in States.AddUserToGroup.Retry |"},
		{"all different", `{"States": {"a": 1, "b": 2, "c": 3, "d": 4}}`, " more |"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkDefinition(t.Context(), definitions{machineARN: test.deployed}, stackWithSteps())
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	for name, api := range map[string]definitions{"denied": {}, "no JSON": {machineARN: "{"}} {
		if _, err := checkDefinition(t.Context(), api, stackWithSteps()); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// TestDefinitionThatExecutionsAreStartedWith has an alias with two versions; the
// state machine itself is never asked.
func TestDefinitionThatExecutionsAreStartedWith(t *testing.T) {
	k := stackWithSteps()
	own := substitute(statemachine.Definition, k)
	other := strings.Replace(own, `"TimeoutSeconds": 40`, `"TimeoutSeconds": 41`, 1)
	alias := machineARN + ":live"
	k.resources = append(k.resources, cfntypes.StackResource{LogicalResourceId: aws.String("OnboardingStateMachineAliaslive"), PhysicalResourceId: &alias})
	for _, test := range []struct{ name, first, second, want string }{
		{"both", own, own, ""},
		{"none", other, other, "fault: the deployed definition"},
		{"the second", other, own, "warning: a part of the executions"},
		{"the first, and only it is used", own, "", ""},
		{"none, and only the first is used", other, "", "fault"},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := definitions{alias: "", machineARN + ":1": test.first, machineARN + ":2": test.second}
			found, err := checkDefinition(t.Context(), api, k)
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.HasPrefix(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if _, err := checkDefinition(t.Context(), definitions{machineARN: own}, k); err == nil {
		t.Error("an alias that cannot be read is no error")
	}
}

func TestJSONDifferences(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want []string
	}{
		{`{"a": [1, {"b": 2}]}`, `{"a": [1.0, {"b": 2}]}`, nil},
		{`{"a": [1, {"b": 2}]}`, `{"a": [1, {"b": 3}]}`, []string{"a[1].b"}},
		{`{"a": 1, "b": 2}`, `{"b": 3, "c": 4}`, []string{"a", "b", "c"}},
		{`{"a": null}`, `{}`, []string{"a"}},
		{`{"a": {}}`, `{"a": []}`, []string{"a"}},
		{`{"a": [1]}`, `{"a": [1, 2]}`, []string{"a"}},
	} {
		if got := jsonDifferences("", decode[any](t, test.a), decode[any](t, test.b)); !slices.Equal(got, test.want) {
			t.Errorf("%s and %s differ in %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

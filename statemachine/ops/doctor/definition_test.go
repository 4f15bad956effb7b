package doctor

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
	"example.com/onboarding/statemachine/internal/asl"
	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// definitions are those of state machines and versions, by ARN. An alias is there if
// its ARN is, and uses those of the versions 1 and 2 that are not empty.
type definitions map[string]string

// started are the definitions as doctor reads them.
func (d definitions) started(t *testing.T, k *stack) definitionsFunc {
	t.Helper()
	return startedDefinitions(t.Context(), d, k)
}

func (d definitions) DescribeStateMachine(_ context.Context, in *sfn.DescribeStateMachineInput, _ ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	definition, found := d[*in.StateMachineArn]
	if !found {
		return nil, opstest.APIError("AccessDeniedException")
	}
	return &sfn.DescribeStateMachineOutput{Definition: &definition}, nil
}

func (d definitions) DescribeStateMachineAlias(_ context.Context, in *sfn.DescribeStateMachineAliasInput, _ ...func(*sfn.Options)) (*sfn.DescribeStateMachineAliasOutput, error) {
	if _, found := d[*in.StateMachineAliasArn]; !found {
		return nil, opstest.APIError("AccessDeniedException")
	}
	out := new(sfn.DescribeStateMachineAliasOutput)
	for _, version := range []string{opstest.MachineARN + ":1", opstest.MachineARN + ":2"} {
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

// ends returns the first and the last state of the definition.
func ends(t *testing.T) (first, last string) {
	t.Helper()
	d, err := asl.Read(statemachine.Definition)
	if err != nil {
		t.Fatal(err)
	}
	path, err := d.Path()
	if err != nil {
		t.Fatal(err)
	}
	return path[0], path[len(path)-1]
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
	first, last := ends(t)
	replace := func(state, old, by string) string {
		at := strings.Index(deployed, `"`+state+`": {`)
		changed := deployed[:at] + strings.Replace(deployed[at:], old, by, 1)
		if changed == deployed {
			t.Fatalf("the definition has no %s in %s", old, state)
		}
		return changed
	}
	for _, test := range []struct{ name, deployed, want string }{
		{"the same", deployed, ""},
		{"the same, in another form", string(compact), ""},
		{"another time-out", replace(last, `"TimeoutSeconds": `, `"TimeoutSeconds": 1`), "differs in States." + last + ".TimeoutSeconds |"},
		{"another function", replace(last, "f-"+last+"Function", "other"), "differs in States." + last + ".Parameters.FunctionName |"},
		{"a state that is missing", replace(last, `"`+last+`": {`, `"AAA": {`), "differs in States.AAA, States." + last + " |"},
		{"one retry more", replace(first, `"Retry": [`, `"Retry": [{},`), "differs in States." + first + ".Retry |"},
		{"all different", `{"States": {"a": 1, "b": 2, "c": 3, "d": 4}}`, " more |"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkDefinition(stackWithSteps(), definitions{opstest.MachineARN: test.deployed}.started(t, stackWithSteps()))
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	for name, api := range map[string]definitions{"denied": {}, "no JSON": {opstest.MachineARN: "{"}} {
		if _, err := checkDefinition(stackWithSteps(), api.started(t, stackWithSteps())); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// TestDefinitionThatExecutionsAreStartedWith has an alias with two versions; the
// state machine itself is never asked.
func TestDefinitionThatExecutionsAreStartedWith(t *testing.T) {
	k := stackWithSteps()
	own := substitute(statemachine.Definition, k)
	other := strings.Replace(own, `"TimeoutSeconds": `, `"TimeoutSeconds": 1`, 1)
	alias := opstest.MachineARN + ":live"
	k.resources = append(k.resources, cfntypes.StackResource{LogicalResourceId: aws.String("OnboardingStateMachineAliaslive"), PhysicalResourceId: &alias})
	for _, test := range []struct{ name, first, second, want string }{
		{"both", own, own, ""},
		{"none", other, other, "fault: the deployed definition"},
		{"the second", other, own, "warning: a part of the executions"},
		{"the first, and only it is used", own, "", ""},
		{"none, and only the first is used", other, "", "fault"},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := definitions{alias: "", opstest.MachineARN + ":1": test.first, opstest.MachineARN + ":2": test.second}
			found, err := checkDefinition(k, api.started(t, k))
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.HasPrefix(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if _, err := checkDefinition(k, definitions{opstest.MachineARN: own}.started(t, k)); err == nil {
		t.Error("an alias that cannot be read is no error")
	}
}

func TestCheckOfAStateThatIsNotDeployedIsPassedOver(t *testing.T) {
	looked := func(context.Context) ([]Finding, error) { return []Finding{fault("looked", "mend")}, nil }
	const two = `{"StartAt": "A", "States": {"A": {"Type": "Task", "Next": "B", "Catch": []}, "B": {"Type": "Succeed"}}}`
	for _, test := range []struct{ name, first, second, state, want string }{
		{"deployed", two, "", "B", "looked"},
		{"not deployed", two, "", "C", "passed over: the deployed definition has no state C"},
		{"deployed for a part of the executions", `{"States": {}}`, two, "B", "looked"},
		{"cannot be read", "{", "", "B", "looked"},
		{"denied", "", "", "B", "looked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			started := definitionsFunc(func() ([]string, error) { return []string{test.first, test.second}, nil })
			if test.first == "" {
				started = func() ([]string, error) { return nil, opstest.APIError("AccessDeniedException") }
			} else if test.second == "" {
				started = func() ([]string, error) { return []string{test.first}, nil }
			}
			found, err := started.of(test.state, looked)(t.Context())
			if err != nil || len(found) != 1 || found[0].Found != test.want {
				t.Errorf("found %v, %v; want %q", found, err, test.want)
			}
		})
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
		if got := jsonDifferences("", opstest.Decode[any](t, test.a), opstest.Decode[any](t, test.b)); !slices.Equal(got, test.want) {
			t.Errorf("%s and %s differ in %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

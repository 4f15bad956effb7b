package local_test

import (
	"reflect"
	"slices"
	"strings"
)

// deployment is the template with values of its parameters.
type deployment struct {
	values     map[string]any
	conditions map[string]any
	// resources are those that exist with these values.
	resources map[string]resource
}

func deploymentOf(all map[string]resource, conditions, values map[string]any) deployment {
	d := deployment{values, conditions, make(map[string]resource)}
	for id, r := range all {
		if r.condition == "" || d.holds(map[string]any{"Condition": r.condition}) {
			r.properties, _ = d.value(r.properties).(map[string]any)
			d.resources[id] = r
		}
	}
	return d
}

// holds evaluates a condition function
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html).
func (d deployment) holds(condition any) bool {
	for function, argument := range condition.(map[string]any) { //nolint:forcetypeassert // as CloudFormation has it
		list, _ := argument.([]any)
		switch function {
		case "Condition":
			return d.holds(d.conditions[argument.(string)]) //nolint:forcetypeassert // likewise
		case "Fn::Equals":
			return reflect.DeepEqual(d.value(list[0]), d.value(list[1]))
		case "Fn::Not":
			return !d.holds(list[0])
		case "Fn::And":
			return !slices.ContainsFunc(list, func(c any) bool { return !d.holds(c) })
		case "Fn::Or":
			return slices.ContainsFunc(list, d.holds)
		}
	}
	panic("a condition function that this test does not know")
}

// value puts the parameters' values into a value of the template.
func (d deployment) value(v any) any {
	switch v := v.(type) {
	case string: // of Fn::Sub; none else has a ${
		for name, value := range d.values {
			if text, ok := value.(string); ok {
				v = strings.ReplaceAll(v, "${"+name+"}", text)
			}
		}
		return v
	case []any:
		list := make([]any, len(v))
		for i, member := range v {
			list[i] = d.value(member)
		}
		return list
	case map[string]any:
		if name, ok := v["Ref"].(string); ok && d.values[name] != nil {
			return d.values[name]
		}
		if list, ok := v["Fn::If"].([]any); ok {
			if d.holds(map[string]any{"Condition": list[0]}) {
				return d.value(list[1])
			}
			return d.value(list[2])
		}
		members := make(map[string]any, len(v))
		for name, member := range v {
			members[name] = d.value(member)
		}
		return members
	}
	return v
}

// waitsFor reports whether CloudFormation changes a resource only after another one.
func (d deployment) waitsFor(id, other string) bool {
	seen := make(map[string]bool)
	var visit func(id string) bool
	visit = func(id string) bool {
		if seen[id] {
			return false
		}
		seen[id] = true
		next := append(references(d.resources[id].properties), d.resources[id].dependsOn...)
		return slices.Contains(next, other) || slices.ContainsFunc(next, visit)
	}
	return visit(id)
}

// carriers are the resources that have a grant of the role, by grant.
func (d deployment) carriers(role string) map[grant][]string {
	found := make(map[grant][]string)
	for id, r := range d.resources {
		var list []grant
		switch policies, _ := r.properties["Policies"].([]any); {
		case r.kind == "AWS::IAM::Policy":
			list = grantsOfPolicy(r)
		case id == role:
			for _, p := range policies {
				list = append(list, grantsOf(id, p.(map[string]any)["PolicyDocument"])...) //nolint:forcetypeassert // as CloudFormation has it
			}
		}
		for _, g := range list {
			if g.condition = strings.TrimSuffix(g.condition, "; "+r.condition); g.role == role {
				found[g] = append(found[g], id)
			}
		}
	}
	return found
}

// roleOf is the role that a resource runs code with; empty if it runs none.
func roleOf(r resource) string {
	for _, name := range []string{"Role", "RoleArn"} {
		if role := r.properties[name]; role != nil && (r.kind == "AWS::Lambda::Function" || r.kind == "AWS::StepFunctions::StateMachine") {
			return strings.TrimSuffix(rendered(role), ".Arn")
		}
	}
	return ""
}

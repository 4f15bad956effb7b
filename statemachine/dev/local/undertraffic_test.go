package local_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// losesPermissions are the parameters whose change takes a permission from code that
// still needs it, and what to do about it.
var losesPermissions = map[string]string{
	"ExistingUserPoolId": "README: detach the former pool, and let its executions end, before",
}

// ownBusiness are the resources that code does not call, whose changes it need not
// wait for.
var ownBusiness = []string{
	"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient", "AWS::Events::Rule",
	"AWS::Lambda::Permission", "AWS::Scheduler::Schedule",
}

// TestPermissionsComeBeforeTheCodeThatNeedsThem walks a change of each parameter as
// CloudFormation makes it, under traffic: what a resource depends on is changed before
// it, and what is not needed any more is deleted after all else
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html).
// The old code needs the old permissions until it is the new code, which needs the new
// ones.
func TestPermissionsComeBeforeTheCodeThatNeedsThem(t *testing.T) {
	all, parameters, conditions := translated(t)
	for _, pool := range []string{"", "eu-west-1_Existing1"} {
		values := map[string]any{"ExistingUserPoolId": pool}
		for name, p := range parameters {
			if values[name] == nil {
				values[name] = p.Default
			}
		}
		for _, name := range slices.Sorted(maps.Keys(parameters)) {
			for _, change := range changesOf(parameters[name]) {
				before, after := maps.Clone(values), maps.Clone(values)
				before[name], after[name] = change[0], change[1]
				checkChange(t, name, deploymentOf(all, conditions, before), deploymentOf(all, conditions, after))
			}
		}
	}
}

// changesOf are changes of the parameter's value: there, back, and to a third one.
func changesOf(p parameter) [][2]any {
	values := []any{p.Default, "one", "another"}
	if p.AllowedValues != nil {
		values = []any{p.AllowedValues[0], p.AllowedValues[len(p.AllowedValues)-1]}
	}
	var changes [][2]any
	for _, from := range values {
		for _, to := range values {
			if from != to {
				changes = append(changes, [2]any{from, to})
			}
		}
	}
	return changes
}

func checkChange(t *testing.T, name string, before, after deployment) {
	t.Helper()
	for id, code := range after.resources {
		role := roleOf(code)
		if role == "" {
			continue
		}
		changed := !reflect.DeepEqual(code.properties, before.resources[id].properties)
		had, has := before.carriers(role), after.carriers(role)
		for g, carriers := range has {
			if changed && had[g] == nil && !slices.ContainsFunc(carriers, func(c string) bool { return after.waitsFor(id, c) }) {
				t.Errorf("%s: %s needs %s on %s before it is given by %v", name, id, g.action, g.resource, carriers)
			}
		}
		for g, carriers := range had {
			lasts := func(c string) bool {
				_, stays := after.resources[c]
				return changed && (!stays || after.waitsFor(c, id))
			}
			if has[g] == nil && losesPermissions[name] == "" && !slices.ContainsFunc(carriers, lasts) {
				t.Errorf("%s: %s still needs %s on %s when it is taken from %v", name, id, g.action, g.resource, carriers)
			}
		}
		for other, r := range after.resources {
			is := !reflect.DeepEqual(r, before.resources[other]) && roleOf(r) == "" && !strings.HasPrefix(r.kind, "AWS::IAM::") && !slices.Contains(ownBusiness, r.kind)
			if changed && is && !after.waitsFor(id, other) {
				t.Errorf("%s: %s is changed before %s", name, id, other)
			}
		}
	}
	for id, r := range before.resources {
		if r.kind == "AWS::Lambda::Permission" && !reflect.DeepEqual(r, after.resources[id]) && r.replaced != "Retain" {
			t.Errorf("%s: %s is taken from who still calls the function, whose users see an error", name, id)
		}
	}
}

package local_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/table"

	"example.com/onboarding/statemachine/dev/section"
)

const permissionsDoc = "../../NUMBERS.md"

// grant is one action that a role may take.
type grant struct {
	role, action, resource, condition string
}

// grants returns what the roles of the template may do, the managed policies apart.
func grants(t *testing.T) []grant {
	t.Helper()
	var list []grant
	for id, r := range resources(t) {
		switch r.kind {
		case "AWS::IAM::Role":
			policies, _ := r.properties["Policies"].([]any)
			for _, p := range policies {
				list = append(list, grantsOf(id, p.(map[string]any)["PolicyDocument"])...) //nolint:forcetypeassert // as CloudFormation has it
			}
		case "AWS::IAM::Policy":
			list = append(list, grantsOfPolicy(r)...)
		}
	}
	slices.SortFunc(list, func(a, b grant) int {
		return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.action, b.action), cmp.Compare(a.resource, b.resource))
	})
	if len(list) == 0 {
		t.Fatal("the template grants nothing")
	}
	return list
}

// grantsOfPolicy returns the grants of a policy that is not part of a role.
func grantsOfPolicy(r resource) []grant {
	var list []grant
	for role := range strings.SplitSeq(rendered(r.properties["Roles"]), ", ") {
		for _, g := range grantsOf(role, r.properties["PolicyDocument"]) {
			g.condition = strings.Trim(g.condition+"; "+r.condition, "; ")
			list = append(list, g)
		}
	}
	return list
}

func grantsOf(role string, document any) []grant {
	var list []grant
	for _, s := range document.(map[string]any)["Statement"].([]any) { //nolint:forcetypeassert // as IAM has it
		statement := s.(map[string]any) //nolint:forcetypeassert // likewise
		condition := ""
		if statement["Condition"] != nil {
			condition = rendered(statement["Condition"])
		}
		if statement["Action"] == nil {
			statement["Action"] = "all but " + rendered(statement["NotAction"])
		}
		for action := range strings.SplitSeq(rendered(statement["Action"]), ", ") {
			list = append(list, grant{role, action, rendered(statement["Resource"]), condition})
		}
	}
	return list
}

// TestPermissionsDoc compares the table in the document with the template; make docs
// writes it anew.
func TestPermissionsDoc(t *testing.T) {
	if err := section.Keep(permissionsDoc, "permissions", grantTable(grants(t)), *update); err != nil {
		t.Error(err)
	}
}

// grantTable has a row for the actions that a role may take on the same resources.
func grantTable(all []grant) string {
	w := table.NewWriter()
	w.AppendHeader(table.Row{"role of", "may", "on", "if"})
	type place struct{ role, resource, condition string }
	actions := make(map[place][]string)
	var places []place
	for _, g := range all {
		p := place{g.role, g.resource, g.condition}
		if actions[p] == nil {
			places = append(places, p)
		}
		actions[p] = append(actions[p], g.action)
	}
	for _, p := range places {
		role := strings.TrimSuffix(strings.TrimSuffix(p.role, "Role"), "Function")
		w.AppendRow(table.Row{role, "`" + strings.Join(actions[p], "`, `") + "`", "`" + shortened.Replace(p.resource) + "`", p.condition})
	}
	return w.RenderMarkdown()
}

// shortened leaves out of an ARN what is the stack's own in all of them.
var shortened = strings.NewReplacer("${AWS::Partition}", "…", "${AWS::Region}:${AWS::AccountId}", "…")

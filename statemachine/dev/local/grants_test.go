package local_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const permissionsDoc = "../../PERMISSIONS.md"

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

// TestPermissionsDoc compares the table in the documents with the template; make
// docs writes it anew.
func TestPermissionsDoc(t *testing.T) {
	var b strings.Builder
	b.WriteString(permissionsIntro)
	for _, g := range grants(t) {
		fmt.Fprintf(&b, "| %s | `%s` | `%s` | %s |\n", strings.TrimSuffix(g.role, "Role"), g.action, shortened.Replace(g.resource), g.condition)
	}
	if *update {
		if err := os.WriteFile(permissionsDoc, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(permissionsDoc)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s is stale (make docs mends it): it should be\n%s", permissionsDoc, &b)
	}
}

// shortened leaves out of an ARN what is the stack's own in all of them.
var shortened = strings.NewReplacer("${AWS::Partition}", "…", "${AWS::Region}:${AWS::AccountId}", "…")

const permissionsIntro = `# Who may do what

Made from template.yaml, as SAM translates it, by ` + "`make docs`" + `. The tests compare these
permissions with the calls that the binaries make in the workflow and fault tests, on
the local AWS: what a role lacks is missed there, and what it does not need is
reported. IAM itself has not judged them: nothing here ran on AWS.

Besides, SAM gives the functions AWSLambdaBasicExecutionRole, of which their boundary
leaves the stack's own log group, and whatever is traced AWSXrayWriteOnlyAccess.

| role of | may | on | if |
|---|---|---|---|
`

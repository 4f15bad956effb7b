package local_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/localtest"
)

// resource is a resource of the translated template.
type resource struct {
	// condition is the one that the resource exists under; empty for always.
	kind, condition string
	// replaced says what becomes of it when another one takes its place.
	replaced   string
	dependsOn  []string
	properties map[string]any
}

// resources returns those of template.yaml as SAM translates it.
func resources(t *testing.T) map[string]resource {
	t.Helper()
	all, _, _ := translated(t)
	return all
}

// parameter is one of the template.
type parameter struct {
	Default       any
	AllowedValues []any
}

// translated returns what template.yaml has after SAM translated it.
func translated(t *testing.T) (all map[string]resource, parameters map[string]parameter, conditions map[string]any) {
	t.Helper()
	localtest.Require(t)
	template, err := local.ReadTemplate(t.Context(), "../../../.tools/local/bin", "../../..")
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Parameters map[string]parameter
		Conditions map[string]any
		Resources  map[string]struct {
			Type, Condition, UpdateReplacePolicy string
			DependsOn                            oneOrMore
			Properties                           map[string]any
		}
	}
	if err := json.Unmarshal(template.Text(), &read); err != nil {
		t.Fatal(err)
	}
	all = make(map[string]resource)
	for id, r := range read.Resources {
		all[id] = resource{r.Type, r.Condition, r.UpdateReplacePolicy, r.DependsOn, r.Properties}
	}
	return all, read.Parameters, read.Conditions
}

const delivery = "the state machine's log needs it, and it knows no resources"

// wide are the permissions whose resource has a star, and why it has.
var wide = map[string]string{
	"logs:CreateLogDelivery":        delivery,
	"logs:GetLogDelivery":           delivery,
	"logs:UpdateLogDelivery":        delivery,
	"logs:DeleteLogDelivery":        delivery,
	"logs:ListLogDeliveries":        delivery,
	"logs:PutResourcePolicy":        delivery,
	"logs:DescribeResourcePolicies": delivery,
	"logs:DescribeLogGroups":        delivery,
	"states:DescribeExecution":      "any execution of the one state machine",
	"ses:SendEmail":                 "the sender's identity may be its address, its domain or a parent domain, and in the sandbox SES checks the recipient's too; ses:FromAddress binds it to the sender",
}

func TestNoWildcardThatIsNotExplained(t *testing.T) {
	found := make(map[string]bool)
	for _, g := range grants(t) {
		if strings.Contains(g.action, "*") {
			t.Errorf("%s may call %s", g.role, g.action)
		}
		if !strings.Contains(g.resource, "*") {
			continue
		}
		found[g.action] = true
		if wide[g.action] == "" {
			t.Errorf("%s may call %s on %s", g.role, g.action, g.resource)
		}
	}
	for action := range wide {
		if needed := !strings.HasPrefix(action, "ses:") || hasStep(t, mailState); needed && !found[action] {
			t.Errorf("no permission for %s has a star any more", action)
		}
	}
}

// managed are the managed policies that roles may have, and why.
var managed = map[string]string{
	"AWSLambdaBasicExecutionRole": "SAM gives it to every function; the boundary leaves of it the stack's own log group",
	"AWSXrayWriteOnlyAccess":      "SAM gives it to whatever is traced, and X-Ray knows no resources",
}

func TestNoManagedPolicyThatIsNotExplained(t *testing.T) {
	for id, r := range resources(t) {
		arns, _ := r.properties["ManagedPolicyArns"].([]any)
		for _, arn := range arns {
			name := rendered(arn)[strings.LastIndex(rendered(arn), "/")+1:]
			if managed[name] == "" {
				t.Errorf("%s has the managed policy %s", id, name)
			}
		}
	}
}

// TestFunctionsLogToTheirOwnGroupOnly looks at the boundary, which takes away what
// AWSLambdaBasicExecutionRole gives too much.
func TestFunctionsLogToTheirOwnGroupOnly(t *testing.T) {
	all := resources(t)
	want := []grant{
		{"FunctionBoundary", "logs:CreateLogStream", "FunctionLogGroup.Arn", ""},
		{"FunctionBoundary", "logs:PutLogEvents", "FunctionLogGroup.Arn", ""},
	}
	boundary := slices.DeleteFunc(grantsOf("FunctionBoundary", all["FunctionBoundary"].properties["PolicyDocument"]),
		func(g grant) bool { return g.action == "all but logs:*" })
	if !slices.Equal(boundary, want) {
		t.Errorf("the boundary allows %v of CloudWatch Logs, want %v", boundary, want)
	}
	for id, r := range all {
		isFunctions := r.kind == "AWS::IAM::Role" && strings.HasSuffix(id, "FunctionRole")
		if got := rendered(r.properties["PermissionsBoundary"]); isFunctions && got != "FunctionBoundary" {
			t.Errorf("%s has the boundary %s", id, got)
		}
	}
}

func TestMailIsSentFromTheSenderOnly(t *testing.T) {
	for _, g := range grants(t) {
		if strings.HasPrefix(g.action, "ses:") && g.condition != "StringEquals ses:FromAddress SenderEmail" {
			t.Errorf("%s may call %s with the condition %q", g.role, g.action, g.condition)
		}
	}
}

func TestOnlyThePoolIsTouched(t *testing.T) {
	const pool = "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${UserPool or ExistingUserPoolId}"
	seen := false
	for _, g := range grants(t) {
		if !strings.HasPrefix(g.action, "cognito-idp:") {
			continue
		}
		seen = true
		if g.resource != pool {
			t.Errorf("%s may call %s on %s", g.role, g.action, g.resource)
		}
	}
	if !seen {
		t.Error("no role has a permission for the pool")
	}
}

func TestOnlyCognitoInvokesTheTriggersForThePool(t *testing.T) {
	invokers := 0
	for id, r := range resources(t) {
		if r.kind != "AWS::Lambda::Permission" || rendered(r.properties["Principal"]) == "events.amazonaws.com" {
			continue
		}
		invokers++
		want := map[string]string{
			"Principal":     "cognito-idp.amazonaws.com",
			"SourceAccount": "AWS::AccountId",
			"SourceArn":     "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${UserPool or ExistingUserPoolId}",
		}
		if id == "FirstTokenPermission" { // it is there before the stack's own pool: see template.yaml
			want["SourceArn"] = strings.Replace(want["SourceArn"], "UserPool or", "${AWS::Region}_* or", 1)
		}
		for key, value := range want {
			if got := rendered(r.properties[key]); got != value {
				t.Errorf("%s: %s is %s, want %s", id, key, got, value)
			}
		}
	}
	if invokers != 2 {
		t.Errorf("%d permissions to invoke a function, want two", invokers)
	}
}

func TestOnlyTheRulesInvokeTheirFunctions(t *testing.T) {
	all := resources(t)
	for id, r := range all {
		if r.kind != "AWS::Lambda::Permission" || rendered(r.properties["Principal"]) != "events.amazonaws.com" {
			continue
		}
		rule, _ := strings.CutSuffix(rendered(r.properties["SourceArn"]), ".Arn")
		if all[rule].kind != "AWS::Events::Rule" || rendered(r.properties["SourceAccount"]) != "AWS::AccountId" {
			t.Errorf("%s lets %s of %s invoke the function", id, rule, rendered(r.properties["SourceAccount"]))
		}
		target := rendered(r.properties["FunctionName"]) + ".Arn"
		if !strings.Contains(rendered(all[rule].properties["Targets"]), target) {
			t.Errorf("%s: %s does not invoke %s", id, rule, target)
		}
	}
}

func TestQueuesAndTablesAreEncrypted(t *testing.T) {
	wanted := map[string]string{
		"AWS::SQS::Queue":      "SqsManagedSseEnabled true",
		"AWS::DynamoDB::Table": "SSESpecification SSEEnabled true",
	}
	for id, r := range resources(t) {
		property, value, _ := strings.Cut(wanted[r.kind], " ")
		if got := rendered(r.properties[property]); property != "" && got != value {
			t.Errorf("%s: %s is %s, want %s", id, property, got, value)
		}
	}
}

// TestNoCircle follows the references of every resource: CloudFormation refuses a
// circle, but only when it deploys.
func TestNoCircle(t *testing.T) {
	all := resources(t)
	done := make(map[string]bool)
	var visit func(id string, path []string)
	visit = func(id string, path []string) {
		if slices.Contains(path, id) {
			t.Fatalf("a circle: %s", strings.Join(append(path, id), " → "))
		}
		if done[id] {
			return
		}
		for _, name := range append(references(all[id].properties), all[id].dependsOn...) {
			if _, ok := all[name]; ok {
				visit(name, append(path, id))
			}
		}
		done[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		visit(id, nil)
	}
}

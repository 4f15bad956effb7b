package local_test

import (
	"cmp"
	"maps"
	"net/http"
	"net/mail"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

const arns = ":" + local.Region + ":123456789012:"

// notSeen are actions that a function's role needs and that it is not seen to take here.
// Lambda reads the queue before it polls it
// (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html). Group rules,
// which read the user, are on a local AWS of their own.
var notSeen = []string{"StartDeferredFunction sqs:GetQueueAttributes", "AddUserToGroupFunction cognito-idp:AdminGetUser"}

// TestPermissionsAreWhatIsUsed compares what every function called, in this test
// and in those before it, with what its role allows: nothing is missing, and
// nothing is unused.
func TestPermissionsAreWhatIsUsed(t *testing.T) {
	a := startAWS(t)
	useEveryPermission(t, a)
	checkPermissions(t, a)
	policies, used := policiesOf(t, a), usesOf(a)
	for function, p := range policies {
		for _, s := range p.Statement {
			for _, action := range s.Action {
				if !slices.ContainsFunc(used[function], func(u access) bool { return u.action == action }) && !slices.Contains(notSeen, function+" "+action) {
					t.Errorf("%s may call %s, and never does", function, action)
				}
			}
		}
	}
	if len(policies) != len(used) {
		t.Errorf("%d functions have policies, %d make calls", len(policies), len(used))
	}
}

// checkPermissions reports calls that the role of a function does not allow.
func checkPermissions(t *testing.T, a *local.AWS) {
	t.Helper()
	policies := policiesOf(t, a)
	for function, used := range usesOf(a) {
		for _, u := range used {
			if !policies[function].allows(u) {
				t.Errorf("%s calls %s on %s with %v, which its role does not allow", function, u.action, u.resource, u.keys)
			}
		}
	}
}

// useEveryPermission onboards one user as usual, then one for each call of a step,
// whom that call is throttled once, the first of a group, one whose mail bounces, one whose start has to wait in
// the queue, two who were invited, one of them with such a start, and one whom the sweep
// finds.
func useEveryPermission(t *testing.T, a *local.AWS) {
	t.Helper()
	p := described(t)
	happy := signUp(t, a)
	checkSucceeded(t, confirm(t, a, happy))
	for _, s := range p.Steps {
		for _, c := range callsOf(a, happy, s.Function) {
			refused := signUp(t, a)
			failCalls(t, a, refused, 1, s.State+" "+c.Action, throttle(c))
			checkSucceeded(t, confirm(t, a, refused))
		}
	}
	if hasStep(t, groupState) {
		first := signUp(t, a)
		deleteDefaultGroup(t, a)
		checkSucceeded(t, confirm(t, a, first))
	}
	if hasStep(t, mailState) {
		bounced := signUpAs(t, a, local.User{Name: "Zéphyrine Quux", Email: simulated("bounce")})
		checkSucceeded(t, confirm(t, a, bounced))
		waitForReceipt(t, a, bounced, record.Bounced)
	}
	for _, throttled := range []bool{false, true} {
		invited := invite(t, a)
		remove := a.AddFault(func(c local.Call) http.Handler {
			if throttled && invited.isAt(c, "FirstToken StartExecution") {
				return throttle(c)
			}
			return nil
		})
		_, err := setPassword(t, a, invited)
		remove()
		if err != nil {
			t.Fatal(err)
		}
		checkSucceeded(t, wait(t, a, invited))
	}
	deferred := signUp(t, a)
	throttleOthers(t, a, p, happy, deferred)
	if err := a.Confirm(t.Context(), deferred.User, nil); err != nil {
		t.Fatal(err)
	}
	checkSucceeded(t, wait(t, a, deferred))
	waitForCall(t, a, "DeleteMessage", func(local.Call) bool { return true })
	late := missed(t, a)
	sweepOnce(t, a)
	checkSucceeded(t, wait(t, a, late))
}

// policiesOf returns what the role of each function allows, by the logical ID of
// the function.
func policiesOf(t *testing.T, a *local.AWS) map[string]policy {
	t.Helper()
	roles := iam.NewFromConfig(a.Config())
	policies := make(map[string]policy)
	for id, role := range a.PhysicalIDs() {
		function, isRole := strings.CutSuffix(id, "FunctionRole")
		if !isRole {
			continue
		}
		names, err := roles.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: &role})
		if err != nil {
			t.Fatal(err)
		}
		var all policy
		for _, name := range names.PolicyNames {
			out, err := roles.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
			if err != nil {
				t.Fatal(err)
			}
			all.Statement = append(all.Statement, readPolicy(t, documentOf(t, out)).Statement...)
		}
		if len(all.Statement) > 0 {
			policies[function+"Function"] = all
		}
	}
	return policies
}

// documentOf returns the policy as JSON. IAM escapes it like a URL; moto writes the
// one of a role that CloudFormation made as Python does.
func documentOf(t *testing.T, out *iam.GetRolePolicyOutput) string {
	t.Helper()
	document, err := url.PathUnescape(*out.PolicyDocument)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(document, "'", `"`)
}

// usesOf returns the calls that each function made, each different one once. The
// mapping polls its queue with the permissions of StartDeferred.
func usesOf(a *local.AWS) map[string][]access {
	used, deferred := make(map[string][]access), path.Base(a.PhysicalID("DeferredStartQueue"))
	for _, c := range a.Calls(func(local.Call) bool { return true }) {
		function := c.AccessKeyID
		if (c.Action == "ReceiveMessage" || c.Action == "DeleteMessage") && accessOf(c).resource == "arn:aws:sqs"+arns+deferred {
			function = "StartDeferredFunction"
		}
		if !strings.HasSuffix(function, "Function") {
			continue
		}
		u := accessOf(c)
		if !slices.ContainsFunc(used[function], u.equals) {
			used[function] = append(used[function], u)
		}
	}
	return used
}

func (a access) equals(b access) bool {
	return a.action == b.action && a.resource == b.resource && maps.Equal(a.keys, b.keys)
}

// accessOf returns what IAM is asked about a call.
func accessOf(c local.Call) access {
	u := access{action: c.Service + ":" + c.Action}
	var body struct {
		StateMachineARN string `json:"stateMachineArn"`
		ExecutionARN    string `json:"executionArn"`
		QueueURL        string `json:"QueueUrl"`
		UserPoolID      string `json:"UserPoolId"`
		TableName       string
		RequestItems    map[string]any
		Entries         []struct{ Source, DetailType string }
	}
	c.Decode(&body) //nolint:errcheck // SES takes no JSON
	switch c.Service {
	case "states":
		u.resource = cmp.Or(body.StateMachineARN, body.ExecutionARN)
	case "sqs":
		u.resource = "arn:aws:sqs" + arns + path.Base(body.QueueURL)
	case "cognito-idp":
		u.resource = "arn:aws:cognito-idp" + arns + "userpool/" + body.UserPoolID
	case "dynamodb":
		u.resource = "arn:aws:dynamodb" + arns + "table/" + strings.Join(append(slices.Collect(maps.Keys(body.RequestItems)), body.TableName), "")
	case "events":
		u.resource = "arn:aws:events" + arns + "event-bus/default"
		u.keys = map[string]string{"events:source": body.Entries[0].Source, "events:detail-type": body.Entries[0].DetailType}
	case "ses":
		from, err := mail.ParseAddress(c.Form().Get("Source"))
		if err == nil {
			u.resource = "arn:aws:ses" + arns + "identity/" + from.Address
			u.keys = map[string]string{"ses:FromAddress": from.Address}
		}
	default: // what the resource is called is not known here: the action decides
		u.resource = anyResource
	}
	return u
}

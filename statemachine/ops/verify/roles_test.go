package verify

import (
	"context"
	"net/url"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// roles are the roles Reader and Sender, and what the simulator says besides their
// policies.
type roles struct {
	may, mayNot [3]string // role, action, resource
	asked       *[]iam.SimulatePrincipalPolicyInput
}

var policies = map[string]string{
	"Reader": `{"Statement": [{"Effect": "Allow", "Action": ["a:Read", "a:List"], "Resource": "arn:table"}, {"Effect": "Deny", "Action": "a:Purge", "Resource": "*"}]}`,
	"Sender": `{"Statement": [{"Effect": "Allow", "Action": "a:Send", "Resource": ["arn:identity/*"], "Condition": {"StringEquals": {"a:From": "us"}}},
		{"Effect": "Allow", "Action": "a:Read", "Resource": "arn:queue"}]}`,
}

func (roles) ListRolePolicies(context.Context, *iam.ListRolePoliciesInput, ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error) {
	return &iam.ListRolePoliciesOutput{PolicyNames: []string{"policy"}}, nil
}

func (roles) GetRolePolicy(_ context.Context, in *iam.GetRolePolicyInput, _ ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error) {
	return &iam.GetRolePolicyOutput{PolicyDocument: aws.String(url.PathEscape(policies[*in.RoleName]))}, nil
}

func (r roles) SimulatePrincipalPolicy(_ context.Context, in *iam.SimulatePrincipalPolicyInput, _ ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error) {
	*r.asked = append(*r.asked, *in)
	granted := map[[3]string]bool{
		{"Reader", "a:Read", "arn:table"}: true, {"Reader", "a:List", "arn:table"}: true,
		{"Sender", "a:Send", "arn:identity/ops-verify"}: len(in.ContextEntries) == 1, {"Sender", "a:Read", "arn:queue"}: true,
	}
	granted[r.may], granted[r.mayNot] = true, false
	out := new(iam.SimulatePrincipalPolicyOutput)
	for _, action := range in.ActionNames {
		decision := types.PolicyEvaluationDecisionTypeImplicitDeny
		if granted[[3]string{*in.PolicySourceArn, action, in.ResourceArns[0]}] {
			decision = types.PolicyEvaluationDecisionTypeAllowed
		}
		out.EvaluationResults = append(out.EvaluationResults, types.EvaluationResult{EvalActionName: &action, EvalDecision: decision})
	}
	return out, nil
}

func TestRoleMayDoItsOwnAndNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		may, mayNot [3]string
		want        string
	}{
		"as the policies say":        {want: "ok: 2 roles: allowed 4 times, refused 6 times"},
		"what is forbidden":          {may: [3]string{"Sender", "a:Delete", "arn:table"}, want: "FAILED: 1 wrong: Sender may a:Delete on arn:table"},
		"what another may":           {may: [3]string{"Sender", "a:List", "arn:table"}, want: "FAILED: 1 wrong: Sender may a:List on arn:table"},
		"its own, on another's":      {may: [3]string{"Reader", "a:Read", "arn:queue"}, want: "FAILED: 1 wrong: Reader may a:Read on arn:queue"},
		"not its own, by a boundary": {mayNot: [3]string{"Reader", "a:List", "arn:table"}, want: "FAILED: 1 wrong: Reader may not a:List on arn:table"},
	} {
		var asked []iam.SimulatePrincipalPolicyInput
		want(t, name, outcome(t, func(ctx context.Context) (string, error) {
			return checkRoles(ctx, roles{test.may, test.mayNot, &asked}, map[string]string{"Reader": "Reader", "Sender": "Sender"},
				func(role string) string { return role }, []grant{{action: "a:Delete", resource: "arn:table"}})
		}), test.want)
		if !slices.ContainsFunc(asked, func(in iam.SimulatePrincipalPolicyInput) bool {
			return len(in.ContextEntries) == 1 && *in.ContextEntries[0].ContextKeyName == "a:From" && in.ContextEntries[0].ContextKeyValues[0] == "us"
		}) {
			t.Errorf("%s: no question meets the condition", name)
		}
	}
}

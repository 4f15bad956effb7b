package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/permission"
)

type rolesAPI interface {
	policiesAPI
	iam.SimulatePrincipalPolicyAPIClient
}

// simulations is how many calls of the simulator are made in a second.
const simulations = 5

// checkRoles asks IAM's policy simulator, which heeds permissions boundaries too, whether
// each role is refused what is forbidden to all; and whether it may do what its policies in
// the template say, and nothing that those of the others do
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html).
func checkRoles(ctx context.Context, api rolesAPI, roles map[string]string, arnOf func(role string) string, forbidden []grant) (seen string, err error) {
	i := &interview{api: api, paced: pace.New(simulations, 2*simulations)}
	none := func(grant) bool { return false }
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		if err := i.ask(ctx, id, arnOf(roles[id]), questions(forbidden, none)); err != nil {
			return "", err
		}
	}
	granted, all := make(map[string][]grant), []grant(nil)
	for id, role := range roles {
		if granted[id], err = grantsOf(ctx, api, role); err != nil {
			return "", err
		}
		all = append(all, granted[id]...)
	}
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		own := func(g grant) bool { return slices.ContainsFunc(granted[id], g.isIn) }
		if err := i.ask(ctx, id, arnOf(roles[id]), questions(all, own)); err != nil {
			return "", err
		}
	}
	if len(i.wrong) > 0 {
		return "", fmt.Errorf("%d wrong: %s", len(i.wrong), strings.Join(i.wrong, "; "))
	}
	return fmt.Sprintf("%d roles: allowed %d times, refused %d times", len(roles), i.allowed, i.refused), nil
}

// isIn reports whether another grant covers this one.
func (g grant) isIn(other grant) bool {
	return permission.Like(other.action, g.action) && permission.Like(other.resource, g.resource)
}

// question is whether a role may do these actions on one resource.
type question struct {
	resource string
	expected map[string]bool
	keys     []types.ContextEntry
}

// questions returns those about grants, one a resource; may says what to expect.
func questions(grants []grant, may func(grant) bool) []*question {
	byResource := make(map[string]*question)
	for _, g := range grants {
		if strings.Contains(g.action, "*") { // the simulator takes none
			continue
		}
		q := byResource[g.example()]
		if q == nil {
			q = &question{resource: g.example(), expected: make(map[string]bool)}
			byResource[q.resource] = q
		}
		q.expected[g.action] = may(g)
		for _, key := range g.keys {
			if !slices.ContainsFunc(q.keys, func(k types.ContextEntry) bool { return *k.ContextKeyName == *key.ContextKeyName }) {
				q.keys = append(q.keys, key)
			}
		}
	}
	sorted := make([]*question, 0, len(byResource))
	for _, resource := range slices.Sorted(maps.Keys(byResource)) {
		sorted = append(sorted, byResource[resource])
	}
	return sorted
}

// interview asks the simulator, and counts the answers.
type interview struct {
	api              rolesAPI
	paced            *pace.Pace
	allowed, refused int
	wrong            []string
}

// ask asks about the role of that logical ID.
func (i *interview) ask(ctx context.Context, id, role string, questions []*question) error {
	for _, q := range questions {
		may, err := i.simulate(ctx, role, q)
		if err != nil {
			return err
		}
		for _, action := range slices.Sorted(maps.Keys(q.expected)) {
			switch {
			case may[action] && !q.expected[action]:
				i.wrong = append(i.wrong, fmt.Sprintf("%s may %s on %s", id, action, q.resource))
			case !may[action] && q.expected[action]:
				i.wrong = append(i.wrong, fmt.Sprintf("%s may not %s on %s", id, action, q.resource))
			case may[action]:
				i.allowed++
			default:
				i.refused++
			}
		}
	}
	return nil
}

// simulate returns which actions the role may do.
func (i *interview) simulate(ctx context.Context, role string, q *question) (map[string]bool, error) {
	may := make(map[string]bool)
	pages := iam.NewSimulatePrincipalPolicyPaginator(i.api, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: &role, ActionNames: slices.Sorted(maps.Keys(q.expected)), ResourceArns: []string{q.resource}, ContextEntries: q.keys,
	})
	for pages.HasMorePages() {
		page, err := pace.Next(ctx, i.paced, "simulate the policies of "+role, pages.NextPage)
		if err != nil {
			return nil, err
		}
		for _, result := range page.EvaluationResults {
			may[aws.ToString(result.EvalActionName)] = result.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed
		}
	}
	return may, nil
}

// forbidden is what no role of the stack may do, whatever the template says.
func (k *stack) forbidden() []grant {
	records := k.arn("dynamodb", "table/"+k.Records)
	return []grant{
		{action: "cognito-idp:AdminDeleteUser", resource: k.arn("cognito-idp", "userpool/"+k.Pool)},
		{action: "dynamodb:DeleteItem", resource: records},
		{action: "dynamodb:Scan", resource: records},
		{action: "iam:PassRole", resource: k.roleARN("ops-verify")},
		{action: "logs:PutLogEvents", resource: k.arn("logs", "log-group:/ops-verify:log-stream:ops-verify")},
		{action: "states:StopExecution", resource: strings.Replace(k.Machine, ":stateMachine:", ":execution:", 1) + ":ops-verify"},
	}
}

// roleARN returns the ARN of a role that CloudFormation made, which has no path.
func (k *stack) roleARN(name string) string {
	role := k.id
	role.Service, role.Region, role.Resource = "iam", "", "role/"+name
	return role.String()
}

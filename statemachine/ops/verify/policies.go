package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

type policiesAPI interface {
	iam.ListRolePoliciesAPIClient
	GetRolePolicy(context.Context, *iam.GetRolePolicyInput, ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error)
}

// grant is what a policy of the stack allows: an action on what a pattern names.
type grant struct {
	action, resource string
	// keys are values that meet the conditions.
	keys []types.ContextEntry
}

// example returns the ARN of one resource that the pattern names.
func (g grant) example() string {
	if g.resource == "*" {
		return g.resource
	}
	return strings.ReplaceAll(g.resource, "*", "ops-verify")
}

// oneOrMore is a text or a list of texts, which mean the same in a policy.
type oneOrMore []string

// UnmarshalJSON implements json.Unmarshaler.
func (o *oneOrMore) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(o)) //nolint:wrapcheck // as of any list
}

// grantsOf returns what the policies in the role allow, which are those of the template.
func grantsOf(ctx context.Context, api policiesAPI, role string) ([]grant, error) {
	var grants []grant
	pages := iam.NewListRolePoliciesPaginator(api, &iam.ListRolePoliciesInput{RoleName: &role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the policies of %s: %w", role, err)
		}
		for _, name := range page.PolicyNames {
			out, err := api.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
			if err != nil {
				return nil, fmt.Errorf("get the policy %s of %s: %w", name, role, err)
			}
			more, err := parsePolicy(aws.ToString(out.PolicyDocument))
			if err != nil {
				return nil, fmt.Errorf("decode the policy %s of %s: %w", name, role, err)
			}
			grants = append(grants, more...)
		}
	}
	return grants, nil
}

// parsePolicy reads a document as IAM gives it, with % for what a URL may not have.
func parsePolicy(document string) ([]grant, error) {
	text, err := url.PathUnescape(document)
	if err != nil {
		return nil, fmt.Errorf("unescape: %w", err)
	}
	var policy struct {
		Statement []struct {
			Effect           string
			Action, Resource oneOrMore
			Condition        map[string]map[string]oneOrMore
		}
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return nil, fmt.Errorf("unmarshal: %w", err)
	}
	var grants []grant
	for _, s := range policy.Statement {
		if s.Effect != "Allow" {
			continue
		}
		keys := contextOf(s.Condition)
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				grants = append(grants, grant{action, resource, keys})
			}
		}
	}
	return grants, nil
}

func contextOf(conditions map[string]map[string]oneOrMore) []types.ContextEntry {
	var keys []types.ContextEntry
	for _, operator := range slices.Sorted(maps.Keys(conditions)) {
		for _, key := range slices.Sorted(maps.Keys(conditions[operator])) {
			keys = append(keys, types.ContextEntry{
				ContextKeyName: &key, ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: conditions[operator][key][:1],
			})
		}
	}
	return keys
}

package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/grouprules"
)

type clientsAPI interface {
	cognitoidentityprovider.ListUserPoolClientsAPIClient
	DescribeUserPoolClient(context.Context, *cognitoidentityprovider.DescribeUserPoolClientInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolClientOutput, error)
}

// checkAttributes checks that no app client may write an attribute that a group
// rule reads: whoever signs up would choose the groups. A mail address and a
// telephone number count in a rule only when they are verified, and may be written.
func checkAttributes(ctx context.Context, api clientsAPI, k *stack, pool poolFunc) ([]Finding, error) {
	rules, err := grouprules.Parse(k.groupRules())
	if err != nil {
		return nil, nil //nolint:nilerr // that is another check's finding
	}
	names := slices.DeleteFunc(slices.Clone(rules.Attributes()), func(name string) bool { return name == "email" || name == "phone_number" })
	if len(names) == 0 {
		return nil, nil
	}
	p, err := pool()
	if isGone(err) {
		return nil, errNoPool
	}
	if err != nil {
		return nil, err
	}
	var found []Finding
	writable := make([]string, 0, len(names))
	for _, name := range names {
		switch attribute := schemaOf(p, name); {
		case attribute == nil:
			found = append(found, warning("a group rule reads "+name+", which no user of the pool can have",
				"correct the parameter GroupRules, or add the attribute in the Cognito console: "+poolConsole(k, "sign-up")))
		case !aws.ToBool(attribute.DeveloperOnlyAttribute) && name != "sub":
			writable = append(writable, name)
		}
	}
	clients, err := clientsThatMayWrite(ctx, api, k, writable)
	return append(found, clients...), err
}

// schemaOf returns the attribute of the pool; nil if there is none.
func schemaOf(p *types.UserPoolType, name string) *types.SchemaAttributeType {
	i := slices.IndexFunc(p.SchemaAttributes, func(a types.SchemaAttributeType) bool { return aws.ToString(a.Name) == name })
	if i < 0 {
		return nil
	}
	return &p.SchemaAttributes[i]
}

func clientsThatMayWrite(ctx context.Context, api clientsAPI, k *stack, names []string) ([]Finding, error) {
	if len(names) == 0 {
		return nil, nil
	}
	var found []Finding
	id := k.outputs["UserPoolId"]
	pages := cognitoidentityprovider.NewListUserPoolClientsPaginator(api, &cognitoidentityprovider.ListUserPoolClientsInput{
		UserPoolId: &id, MaxResults: aws.Int32(60),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, fmt.Errorf("list app clients: %w", err)
		}
		for _, c := range page.UserPoolClients {
			out, err := api.DescribeUserPoolClient(ctx, &cognitoidentityprovider.DescribeUserPoolClientInput{UserPoolId: &id, ClientId: c.ClientId})
			if err != nil {
				return found, fmt.Errorf("describe app client: %w", err)
			}
			for _, name := range names {
				if mayWrite(out.UserPoolClient, name) {
					found = append(found, clientFault(k, out.UserPoolClient, name))
				}
			}
		}
	}
	return found, nil
}

// mayWrite reports whether the app client may write the attribute.
//
// A client without a list may write the standard attributes
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html);
// whether custom ones too, AWS's pages disagree about, so here it may. That an
// attribute is immutable does not help: its value can be set on sign-up, which is
// when the rules are applied
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddCustomAttributes.html).
func mayWrite(c *types.UserPoolClientType, name string) bool {
	return len(c.WriteAttributes) == 0 || slices.Contains(c.WriteAttributes, name)
}

// clientFault has no command for a mend, because UpdateUserPoolClient resets what a
// call leaves out
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html).
func clientFault(k *stack, c *types.UserPoolClientType, name string) Finding {
	return fault(fmt.Sprintf("a group rule reads %s, which the app client %s (%s) may write", name, aws.ToString(c.ClientName), aws.ToString(c.ClientId)),
		"in the Cognito console, under Attribute permissions, take the write permission for "+strings.TrimPrefix(name, "custom:")+
			" away: "+poolConsole(k, "app-clients/"+aws.ToString(c.ClientId)))
}

// poolConsole returns the address of a page about the pool.
func poolConsole(k *stack, page string) string {
	return k.console() + "/cognito/v2/idp/user-pools/" + k.outputs["UserPoolId"] + "/" + page + "?region=" + k.id.Region
}

package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

type providersAPI interface {
	cognitoidentityprovider.ListIdentityProvidersAPIClient
	DescribeIdentityProvider(context.Context, *cognitoidentityprovider.DescribeIdentityProviderInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeIdentityProviderOutput, error)
}

// checkProviders checks that every identity provider that gives an address says
// whether it is verified: a mapped address is not, unless email_verified is mapped
// too, and gets no mail
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html).
func checkProviders(ctx context.Context, api providersAPI, k *stack, pool poolFunc) ([]Finding, error) {
	if _, err := pool(); isGone(err) {
		return nil, errNoPool
	}
	id := k.outputs["UserPoolId"]
	var found []Finding
	pages := cognitoidentityprovider.NewListIdentityProvidersPaginator(api, &cognitoidentityprovider.ListIdentityProvidersInput{
		UserPoolId: &id, MaxResults: aws.Int32(60),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, fmt.Errorf("list identity providers: %w", err)
		}
		for _, p := range page.Providers {
			out, err := api.DescribeIdentityProvider(ctx, &cognitoidentityprovider.DescribeIdentityProviderInput{UserPoolId: &id, ProviderName: p.ProviderName})
			if err != nil {
				return found, fmt.Errorf("describe identity provider: %w", err)
			}
			mapping := out.IdentityProvider.AttributeMapping
			if mapping["email"] != "" && mapping["email_verified"] == "" {
				found = append(found, providerWarning(id, out.IdentityProvider))
			}
			if out.IdentityProvider.ProviderType == types.IdentityProviderTypeTypeSignInWithApple {
				found = append(found, fine("Apple forwards mail to hidden addresses only from senders that are registered there, which cannot be seen from here: see statemachine/RUNBOOK.md"))
			}
		}
	}
	return found, nil
}

// providerWarning gives the whole mapping to the command, which replaces it. Those of
// Facebook and Amazon have no such attribute
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateIdentityProvider.html).
func providerWarning(pool string, p *types.IdentityProviderType) Finding {
	name := aws.ToString(p.ProviderName)
	found := "the identity provider " + name + " maps email and not email_verified: the addresses of its users are not verified, and get no mail"
	if p.ProviderType == types.IdentityProviderTypeTypeFacebook || p.ProviderType == types.IdentityProviderTypeTypeLoginWithAmazon {
		return warning(found, "it does not say what is verified: map no email from it, and let the app ask its users for an address and verify that")
	}
	mapping := maps.Clone(p.AttributeMapping)
	mapping["email_verified"] = "email_verified"
	text, _ := json.Marshal(mapping) // a map of strings always marshals
	note := "   # once its app clients may write email_verified, or its users cannot sign in"
	if p.ProviderType == types.IdentityProviderTypeTypeSaml {
		note += "; and once it sends an attribute of that name, true or false"
	}
	return warning(found, "aws cognito-idp update-identity-provider --user-pool-id "+pool+" --provider-name "+quote(name)+
		" --attribute-mapping "+quote(string(text))+note)
}

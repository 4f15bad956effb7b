package doctor

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// providers are those of a pool, each on a page of its own.
type providers []types.IdentityProviderType

func (p providers) ListIdentityProviders(_ context.Context, in *cognitoidentityprovider.ListIdentityProvidersInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListIdentityProvidersOutput, error) {
	page, _ := strconv.Atoi(aws.ToString(in.NextToken))
	if page >= len(p) {
		return &cognitoidentityprovider.ListIdentityProvidersOutput{}, nil
	}
	return &cognitoidentityprovider.ListIdentityProvidersOutput{
		Providers: []types.ProviderDescription{{ProviderName: p[page].ProviderName}}, NextToken: aws.String(strconv.Itoa(page + 1)),
	}, nil
}

func (p providers) DescribeIdentityProvider(_ context.Context, in *cognitoidentityprovider.DescribeIdentityProviderInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeIdentityProviderOutput, error) {
	i := slices.IndexFunc(p, func(one types.IdentityProviderType) bool { return *one.ProviderName == *in.ProviderName })
	if p[i].ProviderType == "" {
		return nil, opstest.APIError("AccessDeniedException")
	}
	return &cognitoidentityprovider.DescribeIdentityProviderOutput{IdentityProvider: &p[i]}, nil
}

func provider(kind types.IdentityProviderTypeType, mapping map[string]string) types.IdentityProviderType {
	return types.IdentityProviderType{ProviderName: aws.String("my " + string(kind)), ProviderType: kind, AttributeMapping: mapping}
}

func TestProviderThatMapsAnUnverifiedAddress(t *testing.T) {
	unverified := map[string]string{"email": "mail", "username": "sub"}
	command := "aws cognito-idp update-identity-provider --user-pool-id " + opstest.PoolID + " --provider-name 'my Google' --attribute-mapping " +
		`'{"email":"mail","email_verified":"email_verified","username":"sub"}'   # `
	for _, test := range []struct {
		name      string
		providers providers
		want      []string
	}{
		{"none", nil, nil},
		{"without email", providers{provider("Google", map[string]string{"username": "sub"})}, nil},
		{"verified", providers{provider("Google", map[string]string{"email": "email", "email_verified": "verified"})}, nil},
		{"Google", providers{provider("Google", unverified)}, []string{command}},
		{"SAML", providers{provider("SAML", unverified)}, []string{"once it sends"}},
		{"Facebook", providers{provider("Facebook", unverified)}, []string{"map no email from it"}},
		{"Amazon", providers{provider("LoginWithAmazon", unverified)}, []string{"map no email from it"}},
		{"on a later page", providers{provider("OIDC", nil), provider("SAML", unverified), provider("Google", unverified)}, []string{"my SAML", "my Google"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkProviders(t.Context(), test.providers, healthyStack(), describes(nil, nil))
			got := summary(t, found)
			if err != nil || len(found) != len(test.want) || strings.Count(got, "warning: the identity provider my ") != len(found) {
				t.Fatalf("found %s, %v; want %d warnings", got, err, len(test.want))
			}
			for i, want := range test.want {
				if got := summary(t, found[i:i+1]); !strings.Contains(got, want) {
					t.Errorf("%s does not say %s", got, want)
				}
			}
		})
	}
	if len(unverified) != 2 {
		t.Error("the mapping was changed")
	}
}

func TestProviderThatHidesAddressesIsNoted(t *testing.T) {
	apple := providers{provider("SignInWithApple", map[string]string{"email": "email", "email_verified": "email_verified"})}
	found, err := checkProviders(t.Context(), apple, healthyStack(), describes(nil, nil))
	if err != nil || len(found) != 1 || found[0].Verdict != OK || !strings.Contains(found[0].Found, "registered there") {
		t.Errorf("found %s, %v", summary(t, found), err)
	}
}

func TestProvidersThatCannotBeReadAreNoSuccess(t *testing.T) {
	half := providers{provider("SAML", map[string]string{"email": "mail"}), provider("", nil)}
	if found, err := checkProviders(t.Context(), half, healthyStack(), describes(nil, nil)); err == nil || len(found) != 1 {
		t.Errorf("found %s, %v; want what could be read, and the error", summary(t, found), err)
	}
	gone := describes(nil, opstest.APIError("ResourceNotFoundException"))
	if found, err := checkProviders(t.Context(), half, healthyStack(), gone); !errors.Is(err, errNoPool) || len(found) > 0 {
		t.Errorf("without the pool: found %s, %v", summary(t, found), err)
	}
}

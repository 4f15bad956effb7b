package doctor

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// clientOfAServer is one that identity providers' mappings may need: nobody but a
// server signs up or in through it, and its tokens change nothing.
func clientOfAServer() *types.UserPoolClientType {
	return &types.UserPoolClientType{
		ClientName: aws.String("web"), ClientId: aws.String("1"), ClientSecret: aws.String("secret"),
		WriteAttributes: []string{"email", "email_verified", "custom:teams"}, AllowedOAuthScopes: []string{"openid"},
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
	}
}

// TestAppClientWhoseUsersMayVerify has clients that differ from one that is harmless.
func TestAppClientWhoseUsersMayVerify(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*types.UserPoolClientType)
		want   string
	}{
		{"of a server", func(*types.UserPoolClientType) {}, ""},
		{"without a secret", func(c *types.UserPoolClientType) { c.ClientSecret = nil }, "email_verified"},
		{"with the scope", func(c *types.UserPoolClientType) { c.AllowedOAuthScopes = []string{"openid", adminScope} }, "email_verified"},
		{"with passwords", func(c *types.UserPoolClientType) {
			c.ExplicitAuthFlows = append(c.ExplicitAuthFlows, types.ExplicitAuthFlowsTypeAllowUserSrpAuth)
		}, "email_verified"},
		{"with the default flows", func(c *types.UserPoolClientType) { c.ExplicitAuthFlows = nil }, "email_verified"},
		{"number", func(c *types.UserPoolClientType) {
			c.ClientSecret, c.WriteAttributes = nil, []string{"phone_number_verified"}
		}, "phone_number_verified"},
		{"neither", func(c *types.UserPoolClientType) { c.ClientSecret, c.WriteAttributes = nil, []string{"email"} }, ""},
		{"no list", func(c *types.UserPoolClientType) { c.ClientSecret, c.WriteAttributes = nil, nil }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := clientOfAServer()
			test.change(client)
			clients := func() ([]*types.UserPoolClientType, error) { return []*types.UserPoolClientType{client}, nil }
			found, err := checkVerified(healthyStack(), describes(nil, nil), clients)
			got := summary(t, found)
			if err != nil || (got == "") != (test.want == "") || !strings.Contains(got, "may write "+test.want) && got != "" {
				t.Errorf("found %q, %v; want a warning of %q", got, err, test.want)
			}
			if got != "" && (found[0].Verdict != Warning || !strings.Contains(got, "web (1)") || !strings.Contains(got, "/app-clients/1?")) {
				t.Errorf("found %q, want a warning that says which client, and where to mend it", got)
			}
			rules := healthyStack()
			rules.parameters["GroupRules"] = `[{"attribute": "custom:teams", "equals": "ops", "groups": ["members"]}]`
			pool := &types.UserPoolType{SchemaAttributes: []types.SchemaAttributeType{{Name: aws.String("custom:teams")}}}
			want := client.WriteAttributes == nil || test.want == "email_verified" // what such a client may write decides no group either
			if found, err := checkAttributes(rules, describes(pool, nil), clients); err != nil || (len(found) == 1) != want {
				t.Errorf("rule attributes: found %s, %v; want a fault: %t", summary(t, found), err, want)
			}
		})
	}
}

func TestAppClientsThatCannotBeReadAreNoSuccess(t *testing.T) {
	denied, gone := opstest.APIError("AccessDeniedException"), opstest.APIError("ResourceNotFoundException")
	unsafe := clientOfAServer()
	unsafe.ClientSecret = nil
	half := func() ([]*types.UserPoolClientType, error) { return []*types.UserPoolClientType{unsafe}, denied }
	if found, err := checkVerified(healthyStack(), describes(nil, nil), half); !errors.Is(err, denied) || len(found) != 1 {
		t.Errorf("found %s, %v; want what could be read, and the error", summary(t, found), err)
	}
	if found, err := checkVerified(healthyStack(), describes(nil, gone), half); !errors.Is(err, errNoPool) || len(found) > 0 {
		t.Errorf("without the pool: found %s, %v", summary(t, found), err)
	}
}

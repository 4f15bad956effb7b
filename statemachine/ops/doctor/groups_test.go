package doctor

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

type groupFunc func(name string) error

func (f groupFunc) GetGroup(_ context.Context, in *cognitoidentityprovider.GetGroupInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.GetGroupOutput, error) {
	return &cognitoidentityprovider.GetGroupOutput{}, f(*in.GroupName)
}

// groups is a pool with these groups.
func groups(names ...string) groupFunc {
	return func(name string) error {
		if slices.Contains(names, name) {
			return nil
		}
		return opstest.APIError("ResourceNotFoundException")
	}
}

const staffRules = `[{"attribute": "email", "emailDomain": "example.com", "groups": ["staff", "members"]},
	{"attribute": "custom:plan", "equals": "pro", "groups": ["it's-pro"]}]`

func TestGroups(t *testing.T) {
	for _, test := range []struct {
		name, rules string
		api         groupFunc
		want        string
	}{
		{"no rules", "", groups("members"), "ok: members | \n"},
		{"all exist", staffRules, groups("members", "staff", "it's-pro"), "ok: it's-pro, staff, members | \n"},
		{"default group missing", "", groups(), "ok: members | \n"},
		{"group of a rule missing", staffRules, groups("members", "staff"), "fault: the group it's-pro does not exist in the pool | " +
			"aws cognito-idp create-group --user-pool-id " + opstest.PoolID + ` --group-name 'it'\''s-pro'` + "\n"},
		{"bad rules", "[{", groups("members"), "ok: members | \n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := healthyStack()
			if test.rules != "" {
				k.parameters["GroupRules"] = test.rules
			}
			found, err := checkGroupsExist(t.Context(), test.api, k, describes(nil, nil))
			if got := summary(t, found); err != nil || got != test.want {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestGroupsOfAPoolThatIsGoneAreNotMissing(t *testing.T) {
	found, err := checkGroupsExist(t.Context(), groups(), healthyStack(), describes(nil, opstest.APIError("ResourceNotFoundException")))
	if err == nil || len(found) > 0 {
		t.Errorf("found %v, %v; want an error", found, err)
	}
	denied := groupFunc(func(string) error { return opstest.APIError("AccessDeniedException") })
	k := healthyStack()
	k.parameters["GroupRules"] = staffRules
	if _, err := checkGroupsExist(t.Context(), denied, k, describes(nil, nil)); err == nil {
		t.Error("a denied call is no error")
	}
}

func TestRulesAreCheckedOneByOne(t *testing.T) {
	if found := checkRules(staffRules, "mend"); len(found) > 0 {
		t.Errorf("good rules: %v", found)
	}
	found := checkRules(`[{"attribute": "email", "groups": ["staff"]}, {"attribute": "locale", "equals": "de", "groups": []}]`, "mend")
	if len(found) != 2 || found[0].Found == found[1].Found {
		t.Errorf("two bad rules: %s", summary(t, found))
	}
	for _, f := range found {
		if f.Verdict != Fault || f.Mend != "mend" || strings.Contains(f.Found, "\n") {
			t.Errorf("%+v", f)
		}
	}
}

// clients has app clients by their names, with what each may write; each is on a
// page of its own.
type clients [][]string

func (c clients) ListUserPoolClients(_ context.Context, in *cognitoidentityprovider.ListUserPoolClientsInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUserPoolClientsOutput, error) {
	page := 0
	if in.NextToken != nil {
		page, _ = strconv.Atoi(*in.NextToken)
	}
	out := &cognitoidentityprovider.ListUserPoolClientsOutput{UserPoolClients: []types.UserPoolClientDescription{{ClientId: &c[page][0]}}}
	if page++; page < len(c) {
		out.NextToken = aws.String(strconv.Itoa(page))
	}
	return out, nil
}

func (c clients) DescribeUserPoolClient(_ context.Context, in *cognitoidentityprovider.DescribeUserPoolClientInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolClientOutput, error) {
	for _, client := range c {
		if client[0] == *in.ClientId {
			return &cognitoidentityprovider.DescribeUserPoolClientOutput{UserPoolClient: &types.UserPoolClientType{
				ClientId: in.ClientId, ClientName: in.ClientId, WriteAttributes: client[1:],
			}}, nil
		}
	}
	return nil, opstest.APIError("ResourceNotFoundException")
}

func TestAppClientThatMayWriteAnAttributeOfARule(t *testing.T) {
	pool := &types.UserPoolType{SchemaAttributes: []types.SchemaAttributeType{
		{Name: aws.String("custom:plan"), Mutable: aws.Bool(true)},
		{Name: aws.String("custom:tenant"), Mutable: aws.Bool(false)},
		{Name: aws.String("locale"), Mutable: aws.Bool(true)},
		{Name: aws.String("email"), Mutable: aws.Bool(true)},
		{Name: aws.String("dev:custom:level"), Mutable: aws.Bool(true), DeveloperOnlyAttribute: aws.Bool(true)},
	}}
	rule := func(attribute string) string {
		return `[{"attribute": "` + attribute + `", "equals": "x", "groups": ["members"]}]`
	}
	for _, test := range []struct {
		name, rules string
		clients     clients
		want        []string
	}{
		{"listed", rule("custom:plan"), clients{{"web", "email", "custom:plan"}}, []string{"fault web custom:plan"}},
		{"not listed", rule("custom:plan"), clients{{"web", "email"}}, nil},
		{"no list", rule("custom:plan"), clients{{"web"}}, []string{"fault web custom:plan"}},
		{"standard, no list", rule("locale"), clients{{"web"}}, []string{"fault web locale"}},
		{"immutable, but set on sign-up", rule("custom:tenant"), clients{{"web"}}, []string{"fault web custom:tenant"}},
		{"on a later page", rule("custom:plan"), clients{{"web", "email"}, {"old"}, {"app", "custom:plan"}}, []string{"fault old custom:plan", "fault app custom:plan"}},
		{"address", `[{"attribute": "email", "emailDomain": "example.com", "groups": ["staff"]}]`, clients{{"web"}}, nil},
		{"no rules", `[]`, clients{{"web"}}, nil},
		{"unknown attribute", rule("custom:none"), clients{{"web"}}, []string{"warning custom:none"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := healthyStack()
			k.parameters["GroupRules"] = test.rules
			found, err := checkAttributes(k, describes(pool, nil), describeClients(t.Context(), test.clients, opstest.PoolID))
			if err != nil || len(found) != len(test.want) {
				t.Fatalf("found %s, %v; want %v", summary(t, found), err, test.want)
			}
			for i, words := range test.want {
				for word := range strings.FieldsSeq(words) {
					if got := summary(t, found[i:i+1]); !strings.Contains(got, word) {
						t.Errorf("%s does not say %s", got, word)
					}
				}
			}
		})
	}
}

func TestAttributesWithoutThePoolAreNotChecked(t *testing.T) {
	k := healthyStack()
	k.parameters["GroupRules"] = staffRules
	for _, code := range []string{"ResourceNotFoundException", "AccessDeniedException"} {
		if found, err := checkAttributes(k, describes(nil, opstest.APIError(code)), describeClients(t.Context(), clients{{"web"}}, opstest.PoolID)); err == nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", code, found, err)
		}
	}
}

package grouprules_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/grouprules"
)

func TestNoRules(t *testing.T) {
	for _, text := range []string{"", " \n", "[]", " [ ]\n"} {
		if rules, err := grouprules.Parse(text); err != nil || len(rules) != 0 {
			t.Errorf("%q: got %v and the error %v, want no rules", text, rules, err)
		}
	}
}

func TestLegalRules(t *testing.T) {
	long := strings.Repeat("ж", 128)
	for _, text := range []string{
		`{"groups":["g"],"equals":"v","attribute":"locale"}`,
		`{"attribute":"custom:a-b.c_d","equals":"v","groups":["g"]}`,
		`{"attribute":"custom:12345678901234567890","equals":"v","groups":["g"]}`,
		`{"attribute":"custom:metadata","equals":"v","groups":["g"]}`,
		`{"attribute":"dev:plan","equals":"v","groups":["g"]}`,
		`{"attribute":"dev:custom:12345678901234567890","equals":"v","groups":["g"]}`,
		`{"attribute":"email","emailDomain":"a.b.c.example","groups":["g","a/b:c+d","équipe","สมาชิก","` + long + `"]}`,
		`{"attribute":"locale","equals":"a@b","groups":["g"]}`,
	} {
		if _, err := grouprules.Parse("[" + text + "]"); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestProblems has a rule for each thing that can be wrong with one.
func TestProblems(t *testing.T) {
	const rest = `"equals":"v","groups":["g"]`
	for _, test := range []struct{ rule, want string }{
		{`7`, `rule 2: it is a number, and an object is wanted`},
		{`null`, `rule 2: it is null, and an object is wanted`},
		{`["a"]`, `rule 2: it is a list, and an object is wanted`},

		{`{` + rest + `}`, `rule 2: "attribute" is missing`},
		{`{"attribute":7,` + rest + `}`, `rule 2 ("attribute"): it is a number, and a string is wanted`},
		{`{"attribute":null,` + rest + `}`, `rule 2 ("attribute"): it is null, and a string is wanted`},
		{`{"attribute":["email"],` + rest + `}`, `rule 2 ("attribute"): it is a list, and a string is wanted`},
		{`{"attribute":"",` + rest + `}`, `rule 2 ("attribute": ""): it is empty`},
		{`{"attribute":"metadata.plan",` + rest + `}`, `rule 2 ("attribute": "metadata.plan"): client metadata is set by whoever signs up and cannot grant a group`},
		{`{"attribute":"clientMetadata",` + rest + `}`, `rule 2 ("attribute": "clientMetadata"): client metadata is set by whoever signs up and cannot grant a group`},
		{`{"attribute":"$.METADATA.plan",` + rest + `}`, `rule 2 ("attribute": "$.METADATA.plan"): client metadata is set by whoever signs up and cannot grant a group`},
		{`{"attribute":"request.clientMetadata.plan",` + rest + `}`, `rule 2 ("attribute": "request.clientMetadata.plan"): client metadata is set by whoever signs up and cannot grant a group`},
		{`{"attribute":"sub",` + rest + `}`, `rule 2 ("attribute": "sub"): it names one user; put that user in the group by hand`},
		{`{"attribute":"identities",` + rest + `}`, `rule 2 ("attribute": "identities"): it is a JSON document; Cognito puts the users of an identity provider in a group of its own`},
		{`{"attribute":"updated_at",` + rest + `}`, `rule 2 ("attribute": "updated_at"): it is a time that changes`},
		{`{"attribute":"email_verified",` + rest + `}`, `rule 2 ("attribute": "email_verified"): a rule on email counts only when it is verified`},
		{`{"attribute":"phone_number_verified",` + rest + `}`, `rule 2 ("attribute": "phone_number_verified"): a rule on phone_number counts only when it is verified`},
		{`{"attribute":"Locale",` + rest + `}`, `rule 2 ("attribute": "Locale"): Cognito calls it "locale"`},
		{`{"attribute":"plan",` + rest + `}`, `rule 2 ("attribute": "plan"): ` + noSuchAttribute},
		{`{"attribute":"custom:",` + rest + `}`, `rule 2 ("attribute": "custom:"): ` + noSuchAttribute},
		{`{"attribute":"custom:my plan",` + rest + `}`, `rule 2 ("attribute": "custom:my plan"): ` + noSuchAttribute},
		{`{"attribute":"custom:123456789012345678901",` + rest + `}`, `rule 2 ("attribute": "custom:123456789012345678901"): ` + noSuchAttribute},
		{`{"attribute":"cognito:user_status",` + rest + `}`, `rule 2 ("attribute": "cognito:user_status"): ` + noSuchAttribute},
		{`{"attribute":"email ",` + rest + `}`, `rule 2 ("attribute": "email "): ` + noSuchAttribute},

		{`{"attribute":"locale","groups":["g"]}`, `rule 2: a condition is missing: one of equals, oneOf, emailDomain, prefix`},
		{`{"attribute":"locale","prefix":"d","equals":"de","groups":["g"]}`, `rule 2: it has the conditions equals, prefix, and one is wanted`},
		{`{"attribute":"locale","equal":"de","equals":"de","groups":["g"]}`, `rule 2 ("equal"): unknown; a rule has attribute, groups and one of equals, oneOf, emailDomain, prefix`},
		{`{"attribute":"locale","Equals":"de","equals":"de","groups":["g"]}`, `rule 2 ("Equals"): unknown; a rule has attribute, groups and one of equals, oneOf, emailDomain, prefix`},
		{`{"attribute":"locale","equals":"de","equals":"fr","groups":["g"]}`, `rule 2 ("equals"): it is there twice`},

		{`{"attribute":"locale","equals":"","groups":["g"]}`, `rule 2 ("equals"): it is or has an empty text, which is no condition`},
		{`{"attribute":"locale","equals":true,"groups":["g"]}`, `rule 2 ("equals"): it is true or false, and a string is wanted`},
		{`{"attribute":"email","equals":"example.com","groups":["g"]}`, `rule 2 ("equals"): the whole address is compared; for a domain use emailDomain`},
		{`{"attribute":"email","equals":"@example.com","groups":["g"]}`, `rule 2 ("equals"): the whole address is compared; for a domain use emailDomain`},
		{`{"attribute":"phone_number","equals":"030123","groups":["g"]}`, `rule 2 ("equals"): in Cognito every phone number begins with + and the code of the country`},

		{`{"attribute":"locale","oneOf":"de","groups":["g"]}`, `rule 2 ("oneOf"): it is a string, and a list of strings is wanted`},
		{`{"attribute":"locale","oneOf":null,"groups":["g"]}`, `rule 2 ("oneOf"): it is null, and a list of strings is wanted`},
		{`{"attribute":"locale","oneOf":["de",1],"groups":["g"]}`, `rule 2 ("oneOf"): it has an element that is no string`},
		{`{"attribute":"locale","oneOf":["de",null],"groups":["g"]}`, `rule 2 ("oneOf"): it has an element that is no string`},
		{`{"attribute":"locale","oneOf":[],"groups":["g"]}`, `rule 2 ("oneOf"): it is an empty list, which nothing matches`},
		{`{"attribute":"locale","oneOf":["de",""],"groups":["g"]}`, `rule 2 ("oneOf"): it is or has an empty text, which is no condition`},
		{`{"attribute":"locale","oneOf":["de","fr","de"],"groups":["g"]}`, `rule 2 ("oneOf"): it has a value twice`},
		{`{"attribute":"email","oneOf":["jane@example.com","example.com"],"groups":["g"]}`, `rule 2 ("oneOf"): the whole address is compared; for a domain use emailDomain`},
		{`{"attribute":"phone_number","oneOf":["+4930123","030123"],"groups":["g"]}`, `rule 2 ("oneOf"): in Cognito every phone number begins with + and the code of the country`},

		{`{"attribute":"locale","prefix":"","groups":["g"]}`, `rule 2 ("prefix"): it is or has an empty text, which is no condition`},
		{`{"attribute":"email","prefix":"jane@example","groups":["g"]}`, `rule 2 ("prefix"): anybody can have an address that begins so; use equals, oneOf or emailDomain`},
		{`{"attribute":"phone_number","prefix":"49","groups":["g"]}`, `rule 2 ("prefix"): in Cognito every phone number begins with + and the code of the country`},

		{`{"attribute":"custom:mail","emailDomain":"example.com","groups":["g"]}`, `rule 2 ("emailDomain": "example.com"): it is for the attribute "email" only`},
		{`{"attribute":"email","emailDomain":"","groups":["g"]}`, `rule 2 ("emailDomain"): it is or has an empty text, which is no condition`},
		{`{"attribute":"email","emailDomain":"@example.com","groups":["g"]}`, `rule 2 ("emailDomain": "…"): it is the domain alone, without @`},
		{`{"attribute":"email","emailDomain":"*.example.com","groups":["g"]}`, `rule 2 ("emailDomain": "*.example.com"): there are no wildcards, and a subdomain needs a rule of its own`},
		{`{"attribute":"email","emailDomain":"example","groups":["g"]}`, `rule 2 ("emailDomain": "example"): it is no domain such as example.com`},
		{`{"attribute":"email","emailDomain":"example.com.","groups":["g"]}`, `rule 2 ("emailDomain": "example.com."): it is no domain such as example.com`},
		{`{"attribute":"email","emailDomain":".example.com","groups":["g"]}`, `rule 2 ("emailDomain": ".example.com"): it is no domain such as example.com`},
		{`{"attribute":"email","emailDomain":"example..com","groups":["g"]}`, `rule 2 ("emailDomain": "example..com"): it is no domain such as example.com`},
		{`{"attribute":"email","emailDomain":"example.com/path","groups":["g"]}`, `rule 2 ("emailDomain": "example.com/path"): it is no domain such as example.com`},
		{`{"attribute":"email","emailDomain":"my_host.example","groups":["g"]}`, `rule 2 ("emailDomain": "my_host.example"): it is no domain such as example.com`},
		{`{"attribute":"email","emailDomain":"a.` + strings.Repeat("b", 64) + `","groups":["g"]}`, `rule 2 ("emailDomain": "a.` + strings.Repeat("b", 62) + `…"): it is no domain such as example.com`},

		{`{"attribute":"locale","equals":"de"}`, `rule 2: "groups" is missing`},
		{`{"attribute":"locale","equals":"de","groups":"g"}`, `rule 2 ("groups"): it is a string, and a list of strings is wanted`},
		{`{"attribute":"locale","equals":"de","groups":{}}`, `rule 2 ("groups"): it is an object, and a list of strings is wanted`},
		{`{"attribute":"locale","equals":"de","groups":[]}`, `rule 2 ("groups"): it is an empty list, and a rule gives at least one group`},
		{`{"attribute":"locale","equals":"de","groups":["g","h","g"]}`, `rule 2 ("groups"): it has a group twice`},
		{`{"attribute":"locale","equals":"de","groups":["g",""]}`, `rule 2 ("groups": ""): ` + badGroup},
		{`{"attribute":"locale","equals":"de","groups":["my group"]}`, `rule 2 ("groups": "my group"): ` + badGroup},
		{`{"attribute":"locale","equals":"de","groups":["a\nb"]}`, `rule 2 ("groups": "a\nb"): ` + badGroup},
		{`{"attribute":"locale","equals":"de","groups":["` + strings.Repeat("g", 129) + `"]}`, `rule 2 ("groups": "` + strings.Repeat("g", 64) + `…"): ` + badGroup},

		{`{"attribute":"metadata","groups":["my group"]}`, "rule 2 (\"attribute\": \"metadata\"): client metadata is set by whoever signs up and cannot grant a group\n" +
			"rule 2: a condition is missing: one of equals, oneOf, emailDomain, prefix\nrule 2 (\"groups\": \"my group\"): " + badGroup},
	} {
		checkError(t, `[{"attribute":"locale","equals":"v","groups":["g"]}, `+test.rule+`]`, test.want)
	}
}

const (
	noSuchAttribute = `Cognito has no such attribute; the name is a standard one, such as "locale", or "custom:" with 1 to 20 characters`
	badGroup        = `the name of a group has 1 to 128 characters, and no space among them`
)

func checkError(t *testing.T, text, want string) {
	t.Helper()
	rules, err := grouprules.Parse(text)
	if err == nil || err.Error() != want || rules != nil {
		t.Errorf("%.300s\n got the rules %v and the error %v\nwant none and the error %v", text, rules, err, want)
	}
}

func TestTextThatIsNoList(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                  "the rules are an object, and a list is wanted",
		`null`:                                "the rules are null, and a list is wanted",
		` "[]" `:                              "the rules are a string, and a list is wanted",
		`[] []`:                               "the rules are not JSON: invalid character '[' after top-level value, at character 4",
		`[{"a":]`:                             "the rules are not JSON: invalid character ']' looking for beginning of value, at character 7",
		`[`:                                   "the rules are not JSON: unexpected end of JSON input, at character 1",
		"[\"\xff\"]":                          "the rules are not UTF-8",
		`[` + strings.Repeat(" ", 2999) + `]`: "the rules have 3001 bytes, and 3000 are allowed",
	} {
		checkError(t, text, want)
	}
}

func TestEveryProblemOfEveryRuleIsTold(t *testing.T) {
	checkError(t, `[{"attribute":"plan","equals":"v","groups":["g"]}, 7, {"attribute":"locale","equals":"v"}]`,
		`rule 1 ("attribute": "plan"): `+noSuchAttribute+"\nrule 2: it is a number, and an object is wanted\nrule 3: \"groups\" is missing")
}

func TestNumberOfGroupsIsLimited(t *testing.T) {
	names := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("%q", fmt.Sprint("g", i)))
		}
		return `[{"attribute":"locale","equals":"de","groups":[` + strings.Join(list, ",") + `]},{"attribute":"locale","equals":"fr","groups":["g0"]}]`
	}
	if _, err := grouprules.Parse(names(grouprules.MaxGroups)); err != nil {
		t.Errorf("as many groups as are allowed: %v", err)
	}
	checkError(t, names(grouprules.MaxGroups+1), "the rules name 51 groups, and 50 are allowed")
}

// TestErrorsQuoteNoAddress puts an address wherever a text can stand.
func TestErrorsQuoteNoAddress(t *testing.T) {
	for _, text := range []string{
		`[{"attribute":"jane@example.com","equals":"v","groups":["g"]}]`,
		`[{"jane@example.com":"v","attribute":"locale","equals":"v","groups":["g"]}]`,
		`[{"attribute":"email","emailDomain":"jane@example.com","groups":["g"]}]`,
		`[{"attribute":"email","emailDomain":"jane\u0040example.com","groups":["g"]}]`,
		`[{"attribute":"email","prefix":"jane@example.com","groups":["g"]}]`,
		`[{"attribute":"email","oneOf":["jane@example.com","jane@example.com"],"groups":["g"]}]`,
		`[{"attribute":"phone_number","equals":"jane@example.com","groups":["g"]}]`,
		`[{"attribute":"locale","equals":"v","groups":["jane@example.com "]}]`,
		`["jane@example.com"]`, `"jane@example.com"`, `[jane@example.com]`,
	} {
		if _, err := grouprules.Parse(text); err == nil || strings.Contains(err.Error(), "jane") || strings.Contains(err.Error(), "example.com]") {
			t.Errorf("%s: error %v, want one without the address", text, err)
		}
	}
}

package grouprules_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/grouprules"
)

// address matches what could be a mail address.
var address = regexp.MustCompile(`[\pL\pN]@[\pL\pN]`)

// FuzzRules parses any text and applies the rules to a user whose attribute has any
// value.
func FuzzRules(f *testing.F) {
	for _, text := range []string{
		"", "[]", "null", "[{}]", `[{"attribute":"email","emailDomain":"bücher.example","groups":["staff"]}]`,
		`[{"attribute":"custom:plan","oneOf":["pro","team"],"groups":["paying","beta"]},{"attribute":"locale","prefix":"de","groups":["beta"]}]`,
		`[{"attribute":"email","equals":"jane@example.com","groups":["a"]},{"attribute":"phone_number","prefix":"+49","groups":["b"]}]`,
		`[{"attribute":"metadata.plan","equals":"a@b","prefix":null,"groups":["my group"],"x":1}]`,
	} {
		f.Add(text, "jane@example.com")
		f.Add(text, "[free, %70ro, de]")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		rules, err := grouprules.Parse(text)
		if err != nil {
			checkText(t, text, err, rules)
			return
		}
		checkRoundTrip(t, text, rules)
		names := rules.GroupNames()
		user := map[string]string{"email_verified": "true", "phone_number_verified": "true"}
		for _, name := range rules.Attributes() {
			user[name] = value
			if strings.Contains(strings.ToLower(name), "metadata") && !strings.HasPrefix(name, "custom:") && !strings.HasPrefix(name, "dev:") {
				t.Errorf("%s: a rule on metadata", text)
			}
		}
		groups := rules.Groups(user)
		for i, g := range groups {
			if !slices.Contains(names, g) || slices.Contains(groups[:i], g) {
				t.Errorf("%s: groups %q of the names %q", text, groups, names)
			}
		}
		checkUnverified(t, text, rules, value)
		checkList(t, text, rules, value)
	})
}

func checkText(t *testing.T, text string, err error, rules grouprules.Rules) {
	t.Helper()
	if rules != nil || address.MatchString(err.Error()) {
		t.Errorf("%q: rules %v, error %v", text, rules, err)
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !strings.HasPrefix(line, "rule ") && !strings.HasPrefix(line, "the rules ") {
			t.Errorf("%q: %q does not say where the problem is", text, line)
		}
	}
}

// checkRoundTrip checks that the rules, written as JSON, are the same rules.
func checkRoundTrip(t *testing.T, text string, rules grouprules.Rules) {
	t.Helper()
	written, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	again, err := grouprules.Parse(string(written))
	if len(written) <= grouprules.MaxLength && len(rules) > 0 && (err != nil || !reflect.DeepEqual(again, rules)) {
		t.Errorf("%q became %s: %v", text, written, err)
	}
}

// checkList checks that a value counts as much beside another one, unless it is
// verified: then it counts nothing there.
func checkList(t *testing.T, text string, rules grouprules.Rules, value string) {
	t.Helper()
	if strings.HasPrefix(value, "[") { // a list in a list is one value
		return
	}
	for _, name := range rules.Attributes() {
		verified := name == "email" || name == "phone_number"
		user := map[string]string{name: value, "email_verified": "true", "phone_number_verified": "true"}
		want := rules.Groups(user)
		user[name] = "[\x00, " + url.QueryEscape(value) + "]"
		if got := rules.Groups(user); verified && got != nil || !verified && !isSubset(want, got) {
			t.Errorf("%q gives %q to %q, and %q to %q", text, want, value, got, user[name])
		}
	}
}

func isSubset(of, all []string) bool {
	return !slices.ContainsFunc(of, func(one string) bool { return !slices.Contains(all, one) })
}

// checkUnverified checks that no rule on an address or a number counts unless it is
// verified.
func checkUnverified(t *testing.T, text string, rules grouprules.Rules, value string) {
	t.Helper()
	if got := rules.Groups(map[string]string{"email": value, "phone_number": value, "email_verified": "false"}); got != nil {
		t.Errorf("%q gives %q to the unverified %q", text, got, value)
	}
}

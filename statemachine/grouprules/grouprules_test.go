package grouprules_test

import (
	"maps"
	"slices"
	"testing"

	"example.com/onboarding/statemachine/grouprules"
)

func parse(t *testing.T, text string) grouprules.Rules {
	t.Helper()
	rules, err := grouprules.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return rules
}

// checkMatch checks for each value of the attribute whether the rule's condition is
// met. Addresses and numbers are verified.
func checkMatch(t *testing.T, attribute, condition string, values map[string]bool) {
	t.Helper()
	rules := parse(t, `[{"attribute":"`+attribute+`",`+condition+`,"groups":["g"]}]`)
	for value, want := range values {
		user := map[string]string{attribute: value, "email_verified": "true", "phone_number_verified": "true"}
		if got := rules.Groups(user); (len(got) == 1) != want {
			t.Errorf("%s of %s is %q: got the groups %q, want a match: %t", condition, attribute, value, got, want)
		}
	}
}

func TestEquals(t *testing.T) {
	checkMatch(t, "custom:plan", `"equals":"Pro"`, map[string]bool{
		"Pro": true, "pro": false, "Pro\u00a0": false, "Prox": false, "": false,
	})
	checkMatch(t, "email", `"equals":"Jack@Example.com"`, map[string]bool{
		"jack@example.com": true, "JACK@EXAMPLE.COM": true, "jack@example.com.evil.example": false,
		"jac\u212a@example.com": false, // the Kelvin sign, which Unicode folds to k
		"ja\u0441k@example.com": false, // a Cyrillic letter
	})
	checkMatch(t, "phone_number", `"equals":"+4930123"`, map[string]bool{"+4930123": true, "+49301234": false})
}

func TestOneOf(t *testing.T) {
	checkMatch(t, "custom:plan", `"oneOf":["pro","team"]`, map[string]bool{
		"pro": true, "team": true, "proteam": false, "Team": false, "": false,
	})
	checkMatch(t, "email", `"oneOf":["a@example.com","B@example.com"]`, map[string]bool{
		"A@example.com": true, "b@EXAMPLE.com": true, "c@example.com": false,
	})
}

func TestPrefix(t *testing.T) {
	checkMatch(t, "custom:team", `"prefix":"eng-"`, map[string]bool{
		"eng-1": true, "eng-": true, "Eng-1": false, "my-eng-1": false, "": false,
	})
	checkMatch(t, "phone_number", `"prefix":"+49"`, map[string]bool{"+4930123": true, "+33149": false})
}

// TestOneOfSeveralValues has what Cognito makes of an attribute with several values.
func TestOneOfSeveralValues(t *testing.T) {
	checkMatch(t, "custom:teams", `"equals":"ops"`, map[string]bool{
		"[dev, ops]": true, "[ops,dev]": true, "[ops]": true, "[ ops ]": true, "[Ops, dev]": false, "[dev ops]": false,
		"[dev, ops": false, "dev, ops]": false, "dev, ops": false, "[dev, [ops]]": false, "[dev%2C+ops]": false, "[ops%2Cdev]": false,
		"[]": false, "[": false, "]": false, "[,]": false, "[%zz, ops]": true,
	})
	checkMatch(t, "custom:teams", `"equals":"Développement, R&D"`, map[string]bool{
		"[ops, D%C3%A9veloppement%2C+R%26D]": true, "Développement, R&D": true, "[Développement, R&D]": false, "D%C3%A9veloppement%2C+R%26D": false,
	})
	checkMatch(t, "custom:teams", `"equals":"100%"`, map[string]bool{"[100%, ops]": true, "[100%25, ops]": true})
	checkMatch(t, "custom:teams", `"equals":"[dev, ops]"`, map[string]bool{"[dev, ops]": true}) // the text as it is
	checkMatch(t, "custom:teams", `"oneOf":["ops","sales"]`, map[string]bool{"[dev, sales]": true, "[dev, hr]": false})
	checkMatch(t, "custom:teams", `"prefix":"eng-"`, map[string]bool{"[hr, eng-1]": true, "[hr, my-eng-1]": false, "[eng]": false})
}

// A list is no address or number, and nobody has verified what is in it.
func TestVerifiedValuesAreNoLists(t *testing.T) {
	checkMatch(t, "email", `"equals":"jane@example.com"`, map[string]bool{"[jane@example.com]": false, "[jack@evil.example, jane@example.com]": false})
	checkMatch(t, "email", `"emailDomain":"example.com"`, map[string]bool{"[jane@example.com, jack@evil.example]": false, "[jack@evil.example, jane@example.com]": false})
	checkMatch(t, "phone_number", `"prefix":"+49"`, map[string]bool{"[+331, +491]": false})
}

func TestEmailDomain(t *testing.T) {
	checkMatch(t, "email", `"emailDomain":"Example.com"`, map[string]bool{
		"jane@example.com":                   true,
		"jane@EXAMPLE.COM":                   true,
		`"jane@evil.example"@example.com`:    true, // a quoted local part with an @
		"jane@example.com@evil.example":      false,
		"jane@mail.example.com":              false,
		"jane@myexample.com":                 false,
		"jane@example.com.evil.example":      false,
		"jane@example.co":                    false,
		"jane@exampl\u0435.com":              false, // a Cyrillic letter
		"jane@example.com\x00":               false,
		"jane@ example.com":                  false,
		"jane@evil.example\uff20example.com": false, // a wide @ is none
		"jane@xn--example-.com":              false, // the long way to write ASCII
		"jane@":                              false,
		"example.com":                        false,
	})
}

// TestDomainsThatCannotBeLookedUpAreNotTheSame has a rule that Parse would refuse.
func TestDomainsThatCannotBeLookedUpAreNotTheSame(t *testing.T) {
	rules := grouprules.Rules{{Attribute: "email", EmailDomain: "*.example.com", Groups: []string{"g"}}}
	for _, address := range []string{"jane@-", "jane@", "jane", ""} {
		if got := rules.Groups(map[string]string{"email": address, "email_verified": "true"}); got != nil {
			t.Errorf("%q gets %q, want nothing", address, got)
		}
	}
}

// TestInternationalizedDomain compares both forms of a domain with both.
func TestInternationalizedDomain(t *testing.T) {
	for _, rule := range []string{"bücher.example", "BÜCHER.example", "xn--bcher-kva.example"} {
		checkMatch(t, "email", `"emailDomain":"`+rule+`"`, map[string]bool{
			"jane@bücher.example":        true,
			"jane@bu\u0308cher.example":  true, // ü in two characters
			"jane@Bücher.EXAMPLE":        true,
			"jane@xn--bcher-kva.example": true,
			"jane@XN--BCHER-KVA.example": true,
			"jane@bucher.example":        false,
			"jane@b\u0446cher.example":   false,
		})
	}
	// Two domains that anybody may register apart from each other.
	checkMatch(t, "email", `"emailDomain":"strasse.example"`, map[string]bool{"jane@straße.example": false})
	checkMatch(t, "email", `"emailDomain":"straße.example"`, map[string]bool{"jane@strasse.example": false, "jane@straße.example": true})
	// A rule that is itself in the other alphabet matches itself only.
	checkMatch(t, "email", `"emailDomain":"exampl\u0435.com"`, map[string]bool{"jane@example.com": false, "jane@exampl\u0435.com": true})
}

func TestOnlyVerifiedAddressesAndNumbersCount(t *testing.T) {
	rules := parse(t, `[
		{"attribute":"email","emailDomain":"example.com","groups":["domain"]},
		{"attribute":"email","equals":"jane@example.com","groups":["address"]},
		{"attribute":"phone_number","prefix":"+49","groups":["number"]},
		{"attribute":"locale","prefix":"de","groups":["german"]}
	]`)
	user := map[string]string{"email": "jane@example.com", "phone_number": "+4930123", "locale": "de-DE"}
	for _, test := range []struct {
		email, phone string
		want         []string
	}{
		{"true", "true", []string{"domain", "address", "number", "german"}},
		{"true", "false", []string{"domain", "address", "german"}},
		{"false", "true", []string{"number", "german"}},
		{"True", "1", []string{"german"}},
		{"", "", []string{"german"}},
	} {
		attributes := maps.Clone(user)
		attributes["email_verified"], attributes["phone_number_verified"] = test.email, test.phone
		if got := rules.Groups(attributes); !slices.Equal(got, test.want) {
			t.Errorf("verified %q and %q: groups %q, want %q", test.email, test.phone, got, test.want)
		}
	}
	if got := rules.Groups(user); !slices.Equal(got, []string{"german"}) {
		t.Errorf("nothing said of verification: groups %q, want those of the locale only", got)
	}
}

func TestAllMatchingRulesApplyInOrder(t *testing.T) {
	rules := parse(t, `[
		{"attribute":"custom:b","equals":"1","groups":["z","a"]},
		{"attribute":"custom:a","equals":"1","groups":["a","m"]},
		{"attribute":"custom:b","oneOf":["1","2"],"groups":["z","y"]},
		{"attribute":"custom:c","prefix":"1","groups":["never"]}
	]`)
	if got, want := rules.Groups(map[string]string{"custom:a": "1", "custom:b": "1"}), []string{"z", "a", "m", "y"}; !slices.Equal(got, want) {
		t.Errorf("groups %q, want %q", got, want)
	}
	if got, want := rules.GroupNames(), []string{"z", "a", "m", "y", "never"}; !slices.Equal(got, want) {
		t.Errorf("group names %q, want %q", got, want)
	}
	if got, want := rules.Attributes(), []string{"custom:b", "custom:a", "custom:c"}; !slices.Equal(got, want) {
		t.Errorf("attributes %q, want %q", got, want)
	}
	if got := rules.Groups(nil); got != nil {
		t.Errorf("a user without attributes gets %q, want nothing", got)
	}
}

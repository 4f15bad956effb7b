package grouprules_test

import (
	"testing"

	"example.com/onboarding/statemachine/dev/allocstest"
	"example.com/onboarding/statemachine/grouprules"
)

// benchmarkRules has a rule with each condition.
func benchmarkRules(tb testing.TB) grouprules.Rules {
	tb.Helper()
	rules, err := grouprules.Parse(`[
		{"attribute": "email", "emailDomain": "example.com", "groups": ["staff"]},
		{"attribute": "email", "equals": "Jane@example.com", "groups": ["jane"]},
		{"attribute": "custom:plan", "oneOf": ["pro", "team"], "groups": ["paying", "beta"]},
		{"attribute": "phone_number", "prefix": "+49", "groups": ["germany"]}
	]`)
	if err != nil {
		tb.Fatal(err)
	}
	return rules
}

var benchmarkUser = map[string]string{
	"email": "jane@example.com", "email_verified": "true", "custom:plan": "pro",
	"phone_number": "+49301234567", "phone_number_verified": "true",
}

func BenchmarkGroups(b *testing.B) {
	rules := benchmarkRules(b)
	b.ReportAllocs()
	for b.Loop() {
		if len(rules.Groups(benchmarkUser)) != 5 {
			b.Fatal("the rules do not match")
		}
	}
}

func TestAllocationsOfGroups(t *testing.T) {
	rules := benchmarkRules(t)
	allocstest.Check(t, 8, func() {
		if len(rules.Groups(benchmarkUser)) != 5 {
			t.Error("the rules do not match")
		}
	})
}

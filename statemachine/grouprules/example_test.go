package grouprules_test

import (
	"fmt"

	"example.com/onboarding/statemachine/grouprules"
)

func Example() {
	rules, err := grouprules.Parse(`[
		{"attribute": "email", "emailDomain": "example.com", "groups": ["staff"]},
		{"attribute": "custom:plan", "oneOf": ["pro", "team"], "groups": ["paying", "beta"]},
		{"attribute": "phone_number", "prefix": "+49", "groups": ["germany"]}
	]`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rules.Groups(map[string]string{
		"email": "jane@example.com", "email_verified": "true", "custom:plan": "pro",
		"phone_number": "+49301234567", "phone_number_verified": "false",
	}))
	// Output: [staff paying beta]
}

func ExampleParse_problems() {
	_, err := grouprules.Parse(`[
		{"attribute": "email", "emailDomain": "*.example.com", "groups": ["staff"]},
		{"attribute": "metadata.plan", "equals": "pro", "groups": ["paying customers"]}
	]`)
	fmt.Println(err)
	// Output:
	// rule 1 ("emailDomain": "*.example.com"): there are no wildcards, and a subdomain needs a rule of its own
	// rule 2 ("attribute": "metadata.plan"): client metadata is set by whoever signs up and cannot grant a group
	// rule 2 ("groups": "paying customers"): the name of a group has 1 to 128 characters, and no space among them
}

package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/onboarding/statemachine/dev/local"
)

// groupRules are those of a run that is given none: one that matches the default
// user of the command.
const groupRules = `[{"attribute": "email", "emailDomain": "example.com", "groups": ["staff"]}]`

// parameters returns those of the template that are chosen in the environment, and the
// group rules.
func parameters(lookup func(string) (string, bool)) (map[string]string, error) {
	known, err := local.Parameters(".")
	if err != nil {
		return nil, err
	}
	chosen := map[string]string{"GroupRules": groupRules}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if value, ok := lookup(variable(name)); ok {
			chosen[name] = value
			fmt.Printf("%-12s%s %q\n", "parameter", name, value)
		}
	}
	return chosen, nil
}

var word = regexp.MustCompile(`[a-z][A-Z]`)

// variable is the name of the environment's variable for a parameter: APP_NAME for
// AppName.
func variable(parameter string) string {
	return strings.ToUpper(word.ReplaceAllStringFunc(parameter, func(s string) string { return s[:1] + "_" + s[1:] }))
}

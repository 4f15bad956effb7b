package doctor

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"example.com/onboarding/statemachine"
)

// mostDifferences is how many differences are named.
const mostDifferences = 5

// checkDefinition checks that what executions are started with is the definition of
// this repository, with the functions of the stack. While a definition is brought in
// gradually, it need be one of two.
func checkDefinition(k *stack, started definitionsFunc) ([]Finding, error) {
	definitions, err := started()
	if err != nil {
		return nil, err
	}
	var stale []string
	for _, deployed := range definitions {
		differing, err := definitionDifferences(k, deployed)
		if err != nil {
			return nil, err
		}
		if differing != "" {
			stale = append(stale, differing)
		}
	}
	switch len(stale) {
	case 0:
		return nil, nil
	case len(definitions):
		return []Finding{fault("the deployed definition is not the one of this repository: it differs in "+stale[0],
			"sam build && sam deploy   # or check out the commit that is deployed")}, nil
	}
	return []Finding{warning("a part of the executions runs another definition, which differs in "+stale[0],
		"aws cloudformation wait stack-update-complete --stack-name "+quote(k.name))}, nil
}

// definitionDifferences names what differs between a deployed definition and that of
// this repository; empty if nothing does.
func definitionDifferences(k *stack, definition string) (string, error) {
	var deployed, own any
	if err := json.Unmarshal([]byte(definition), &deployed); err != nil {
		return "", fmt.Errorf("decode the deployed definition: %w", err)
	}
	if err := json.Unmarshal([]byte(substitute(statemachine.Definition, k)), &own); err != nil {
		return "", fmt.Errorf("decode the definition: %w", err)
	}
	differing, more := jsonDifferences("", own, deployed), ""
	if n := len(differing) - mostDifferences; n > 0 {
		differing, more = differing[:mostDifferences], fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(differing, ", ") + more, nil
}

var substitution = regexp.MustCompile(`\$\{(\w+Function)Arn\}`)

// substitute puts the partition and the ARNs of the stack's functions in, as the
// template does. A function that the stack does not have stays as it is, and makes a
// difference.
func substitute(definition string, k *stack) string {
	definition = strings.ReplaceAll(definition, "${Partition}", k.id.Partition)
	return substitution.ReplaceAllStringFunc(definition, func(placeholder string) string {
		name, err := k.physical(substitution.FindStringSubmatch(placeholder)[1])
		if err != nil {
			return placeholder
		}
		return k.arn("lambda", "function:"+name)
	})
}

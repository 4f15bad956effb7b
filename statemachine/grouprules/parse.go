package grouprules

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// MaxLength is how many bytes the rules may have. They are an environment
	// variable, and Lambda gives all of a function's together 4 KB
	// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), and
	// a parameter of the template, which may have 4,096 bytes
	// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
	// It leaves room for other variables.
	MaxLength = 3000

	// MaxGroups is how many groups the rules may name in all. A user can be in 100
	// (https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html#resource-quotas),
	// so that somebody whom every rule matches can still be put in the default group
	// and in as many others by the app. Each is a call, and Cognito takes 25 such
	// calls a second for the whole account: 50 groups are two seconds of that.
	MaxGroups = 50
)

// Parse reads the rules; an empty text and [] are none. The error joins every
// problem, each in a line that says where it is: the rule by its position, counted
// from 1, and the member.
//
// It is strict, as a rule that is not understood would give somebody too few groups
// or too many: an unknown member, one that is there twice, a value of another type
// and anything after the list are errors.
func Parse(text string) (Rules, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	elements, err := split(text)
	if err != nil {
		return nil, err
	}
	var rules Rules
	var problems []error
	for i, element := range elements {
		rule, found := read(i+1, element)
		rules = append(rules, rule)
		problems = append(problems, found...)
	}
	if n := len(rules.GroupNames()); n > MaxGroups {
		problems = append(problems, fmt.Errorf("the rules name %d groups, and %d are allowed", n, MaxGroups))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return rules, nil
}

// split returns the elements of the list.
func split(text string) ([]json.RawMessage, error) {
	if len(text) > MaxLength {
		return nil, fmt.Errorf("the rules have %d bytes, and %d are allowed", len(text), MaxLength)
	}
	if !utf8.ValidString(text) {
		return nil, errors.New("the rules are not UTF-8")
	}
	var elements []json.RawMessage
	err := json.Unmarshal([]byte(text), &elements)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return nil, fmt.Errorf("the rules are not JSON: %w, at character %d", syntax, utf8.RuneCountInString(text[:syntax.Offset]))
	}
	if err != nil || elements == nil {
		return nil, fmt.Errorf("the rules are %s, and a list is wanted", kind([]byte(strings.TrimSpace(text))))
	}
	return elements, nil
}

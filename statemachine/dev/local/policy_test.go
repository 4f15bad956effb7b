package local_test

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"testing"
)

// policy is an IAM policy of the kind that the template has: statements that allow.
type policy struct {
	Statement []statement
}

type statement struct {
	Effect           string
	Action, Resource oneOrMore
	Condition        map[string]map[string]oneOrMore
}

// oneOrMore is a string or a list of strings.
type oneOrMore []string

// UnmarshalJSON implements json.Unmarshaler.
func (o *oneOrMore) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(o))
}

func readPolicy(t *testing.T, text string) policy {
	t.Helper()
	var p policy
	decoder := json.NewDecoder(strings.NewReader(text))
	if err := decoder.Decode(&p); err != nil {
		t.Fatalf("policy %s: %v", text, err)
	}
	for _, s := range p.Statement {
		if s.Effect != "Allow" {
			t.Fatalf("policy %s: this test knows statements that allow", text)
		}
		for operator := range s.Condition {
			if operator != "StringEquals" {
				t.Fatalf("policy %s: this test knows no condition %s", text, operator)
			}
		}
	}
	return p
}

// access is what IAM is asked to allow.
type access struct {
	action, resource string
	// keys are the condition keys of the call.
	keys map[string]string
}

// anyResource is the name of a resource that every pattern matches.
const anyResource = "*"

// allows reports whether one statement allows the access, as IAM decides it
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
func (p policy) allows(a access) bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return slices.Contains(s.Action, a.action) && s.Resource.match(a.resource) && s.conditionsHold(a)
	})
}

// match reports whether a pattern matches: none of the names here has a slash in a
// place where a star stands.
func (o oneOrMore) match(name string) bool {
	return slices.ContainsFunc(o, func(pattern string) bool {
		if name == anyResource {
			return true
		}
		matched, err := path.Match(pattern, name)
		return err == nil && matched
	})
}

func (s statement) conditionsHold(a access) bool {
	for key, values := range s.Condition["StringEquals"] {
		if !slices.Contains(values, a.keys[key]) {
			return false
		}
	}
	return true
}

func TestPolicyAllowsWhatItNames(t *testing.T) {
	p := readPolicy(t, `{"Statement": [
		{"Effect": "Allow", "Action": "a:One", "Resource": "arn:x"},
		{"Effect": "Allow", "Action": ["a:Two", "a:Three"], "Resource": ["arn:id/*"], "Condition": {"StringEquals": {"k": ["v", "w"]}}}]}`)
	for _, test := range []struct {
		access
		want bool
	}{
		{access{"a:One", "arn:x", nil}, true},
		{access{"a:One", "arn:y", nil}, false},
		{access{"a:One", anyResource, nil}, true},
		{access{"a:Four", anyResource, nil}, false},
		{access{"a:Four", "arn:x", nil}, false},
		{access{"a:Two", "arn:id/7", map[string]string{"k": "w"}}, true},
		{access{"a:Three", "arn:id/7", map[string]string{"k": "x"}}, false},
		{access{"a:Three", "arn:id/7", nil}, false},
		{access{"a:Three", "arn:ie/7", map[string]string{"k": "v"}}, false},
	} {
		if got := p.allows(test.access); got != test.want {
			t.Errorf("%+v: allowed %t, want %t", test.access, got, test.want)
		}
	}
}

package grouprules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// draft is a rule that is being read.
type draft struct {
	Rule

	number int
	// readable has the members that are there; true if they have the right type.
	readable map[string]bool
	problems []error
}

// read reads a rule and checks it. The element is known to be JSON.
func read(number int, element json.RawMessage) (Rule, []error) {
	d := draft{number: number, readable: make(map[string]bool)}
	decoder := json.NewDecoder(bytes.NewReader(element))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		d.problem("", "it is %s, and an object is wanted", kind(element))
		return d.Rule, d.problems
	}
	for decoder.More() {
		name, err := decoder.Token()
		var value json.RawMessage
		if err := errors.Join(err, decoder.Decode(&value)); err != nil {
			d.problem("", "it cannot be read")
			return d.Rule, d.problems
		}
		d.readMember(fmt.Sprint(name), value)
	}
	d.checkAttribute()
	d.checkCondition()
	d.checkGroups()
	return d.Rule, d.problems
}

func (d *draft) readMember(name string, value json.RawMessage) {
	if _, twice := d.readable[name]; twice {
		d.problem(at(name), "it is there twice")
		return
	}
	targets := map[string]any{
		"attribute": &d.Attribute, "groups": &d.Groups,
		"equals": &d.Equals, "oneOf": &d.OneOf, "emailDomain": &d.EmailDomain, "prefix": &d.Prefix,
	}
	target, known := targets[name]
	if !known {
		d.problem(at(name), "unknown; a rule has attribute, groups and one of %s", strings.Join(conditions, ", "))
		return
	}
	d.readable[name] = json.Unmarshal(value, target) == nil && !hasNull(value)
	if d.readable[name] {
		return
	}
	_, isList := target.(*[]string)
	switch {
	case !isList:
		d.problem(at(name), "it is %s, and a string is wanted", kind(value))
	case kind(value) != aList:
		d.problem(at(name), "it is %s, and a list of strings is wanted", kind(value))
	default:
		d.problem(at(name), "it has an element that is no string")
	}
}

// hasNull reports whether the value, or an element of it, is null, which
// encoding/json takes for any type.
func hasNull(value json.RawMessage) bool {
	if kind(value) != aList {
		return kind(value) == aNull
	}
	var elements []*json.RawMessage
	if json.Unmarshal(value, &elements) != nil {
		return false
	}
	for _, element := range elements {
		if element == nil {
			return true
		}
	}
	return false
}

const (
	aList = "a list"
	aNull = "null"
)

// kind names the type of a JSON value.
func kind(value []byte) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return aList
	case '"':
		return "a string"
	case 't', 'f':
		return "true or false"
	case 'n':
		return aNull
	default:
		return "a number"
	}
}

// problem notes a problem at a place in the rule: see at and with.
func (d *draft) problem(place, format string, args ...any) {
	d.problems = append(d.problems, fmt.Errorf("rule %d%s: %s", d.number, place, fmt.Sprintf(format, args...)))
}

// at is the place of a member.
func at(member string) string { return " (" + quote(member) + ")" }

// with is the place of a value of a member. It is not for values that are compared
// with a user's.
func with(member, value string) string { return " (" + quote(member) + ": " + quote(value) + ")" }

// quote quotes a text on one line, but not one that could be an address: logs and
// execution history keep the texts of errors.
func quote(s string) string {
	const longest = 64
	runes := []rune(s)
	switch {
	case strings.Contains(s, "@"):
		return `"…"`
	case len(runes) > longest:
		return strconv.Quote(string(runes[:longest]) + "…")
	}
	return strconv.Quote(s)
}

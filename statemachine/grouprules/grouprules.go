// Package grouprules decides which groups a user is put in besides the default
// group. The rules are the JSON of the template's parameter GroupRules:
//
//	[
//	  {"attribute": "email", "emailDomain": "example.com", "groups": ["staff"]},
//	  {"attribute": "custom:plan", "oneOf": ["pro", "team"], "groups": ["paying", "beta"]}
//	]
//
// A rule names an attribute of the user, one condition and the groups. The
// conditions are equals, oneOf, emailDomain and prefix: see Rule. Every rule that
// matches applies, and the user gets the groups of all of them in the order of the
// list.
//
// An attribute that a SAML or OIDC provider fills may have several values. Cognito
// keeps them as a text, [a, b], and equals, oneOf and prefix are met when one of them
// meets the condition: {"attribute": "custom:teams", "equals": "ops", …} matches
// "ops" and "[dev, ops]". An email and a phone_number are one value always, because
// it is one that Cognito has verified.
//
// The default group is given as well, to everybody and first. So an app can rely
// on every onboarded user being in it, and a rule that is added takes nothing away
// from anybody.
//
// What grants a group must not be for the user to choose:
//
//   - A rule on email or phone_number counts only when Cognito has verified the
//     address or the number.
//   - Client metadata is set by whoever signs up, and is refused.
//   - An attribute that an app client may write is set by its users, at the sign-up
//     already. This package cannot see the app clients: the one in template.yaml may
//     write no custom attribute, and for others ops doctor looks.
//
// Rules are read once, when the user is onboarded: what changes later, the rules or
// the user, changes no membership. They are part of the stack's configuration, which
// many may read, so they should name domains rather than people; the texts of errors
// here quote nothing that could be an address.
package grouprules

import "slices"

// Rules is an ordered list of rules, as Parse returns it.
type Rules []Rule

// Rule gives its groups to the users whose attribute meets the condition. Exactly
// one of the four conditions is set. None is met by an attribute that is missing or
// empty, or by an email or phone_number that is not verified.
type Rule struct {
	// Attribute is the name that Cognito has for it: "email", "custom:plan".
	Attribute string `json:"attribute"`
	// Equals is the value itself. Upper and lower case are different, but for the
	// ASCII letters of an email.
	Equals string `json:"equals,omitempty"`
	// OneOf are several values, each compared as Equals is.
	OneOf []string `json:"oneOf,omitempty"`
	// EmailDomain is the whole domain of the email, what follows its last @. A
	// subdomain is another domain: "example.com" does not match
	// jane@mail.example.com. Case does not matter, and an internationalized domain
	// may be written in either form: both sides are compared as they are looked up
	// in DNS, so that a letter of another alphabet that looks alike is another one.
	EmailDomain string `json:"emailDomain,omitempty"`
	// Prefix is what the value begins with, case included. Not for email: anybody
	// can have an address that begins as one likes.
	Prefix string `json:"prefix,omitempty"`
	// Groups are the names of the groups, which must exist in the pool.
	Groups []string `json:"groups"`
}

// Groups returns the groups of all rules that match the user's attributes, in the
// order of the rules and each once. The default group is not among them, unless a
// rule names it.
func (rules Rules) Groups(attributes map[string]string) []string {
	var matching Rules
	for _, r := range rules {
		if r.matches(attributes) {
			matching = append(matching, r)
		}
	}
	return matching.GroupNames()
}

// GroupNames returns every group that a rule names, each once.
func (rules Rules) GroupNames() []string {
	var names []string
	for _, r := range rules {
		names = appendNew(names, r.Groups...)
	}
	return names
}

// Attributes returns every attribute that a rule names, each once.
func (rules Rules) Attributes() []string {
	var names []string
	for _, r := range rules {
		names = appendNew(names, r.Attribute)
	}
	return names
}

// appendNew appends the names that are not in the list yet.
func appendNew(list []string, names ...string) []string {
	for _, name := range names {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

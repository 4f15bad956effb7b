package grouprules

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

var conditions = []string{"equals", "oneOf", "emailDomain", "prefix"}

// standard are the attributes that every pool has
// (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html).
var standard = []string{
	"address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name", "nickname",
	"phone_number", "picture", "preferred_username", "profile", "website", "zoneinfo",
}

// unusable are attributes of every pool that say nothing of what a user is.
var unusable = map[string]string{
	"sub":                   "it names one user; put that user in the group by hand",
	"identities":            "it is a JSON document; Cognito puts the users of an identity provider in a group of its own",
	"updated_at":            "it is a time that changes",
	"email_verified":        "a rule on email counts only when it is verified",
	"phone_number_verified": "a rule on phone_number counts only when it is verified",
}

// isCustom reports whether it is the name of an attribute that a pool adds. Those with
// dev: are for administrators only, which makes them as good for rules as can be. Name:
// 1 to 20 characters
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html).
// Cognito documents dev:name, and is seen to use dev:custom:name.
func isCustom(attribute string) bool {
	for _, prefix := range []string{"custom:", "dev:custom:", "dev:"} {
		if name, ok := strings.CutPrefix(attribute, prefix); ok && isName(name, 20) {
			return true
		}
	}
	return false
}

// isName reports whether it is what Cognito takes for a name, with that many characters
// at most: letters, marks, symbols, numbers and punctuation. A regular expression for
// this takes the init of the function half a millisecond.
func isName(s string, most int) bool {
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.M, unicode.S, unicode.N, unicode.P) {
			return false
		}
	}
	return s != "" && utf8.RuneCountInString(s) <= most
}

// metadata matches the ways to name the client metadata or its keys.
var metadata = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(\$\.)?(state\.|request\.)?(client_?)?metadata`)
})

func (d *draft) checkAttribute() {
	readable, there := d.readable["attribute"]
	if !there {
		d.problem("", `"attribute" is missing`)
	}
	if !readable {
		return
	}
	place := with("attribute", d.Attribute)
	why, refused := unusable[d.Attribute]
	switch {
	case d.Attribute == "":
		d.problem(place, "it is empty")
	case metadata().MatchString(d.Attribute):
		d.problem(place, "client metadata is set by whoever signs up and cannot grant a group")
	case refused:
		d.problem(place, "%s", why)
	case slices.Contains(standard, d.Attribute) || isCustom(d.Attribute):
	case slices.Contains(standard, strings.ToLower(d.Attribute)):
		d.problem(place, "Cognito calls it %q", strings.ToLower(d.Attribute))
	default:
		d.problem(place, `Cognito has no such attribute; the name is a standard one, such as "locale", or "custom:" with 1 to 20 characters`)
	}
}

func (d *draft) checkCondition() {
	var there []string
	for _, name := range conditions {
		if _, ok := d.readable[name]; ok {
			there = append(there, name)
		}
	}
	switch len(there) {
	case 0:
		d.problem("", "a condition is missing: one of %s", strings.Join(conditions, ", "))
	case 1:
		if d.readable[there[0]] {
			d.checkValue(there[0])
		}
	default:
		d.problem("", "it has the conditions %s, and one is wanted", strings.Join(there, ", "))
	}
}

// checkValue checks what the condition compares with. It is not quoted: it is what
// is personal about some user.
func (d *draft) checkValue(condition string) {
	values := map[string][]string{"equals": {d.Equals}, "oneOf": d.OneOf, "emailDomain": {d.EmailDomain}, "prefix": {d.Prefix}}[condition]
	place := at(condition)
	switch {
	case len(values) == 0:
		d.problem(place, "it is an empty list, which nothing matches")
	case slices.Contains(values, ""):
		d.problem(place, "it is or has an empty text, which is no condition")
	case hasRepeat(values):
		d.problem(place, "it has a value twice")
	case condition == "emailDomain":
		d.checkDomain()
	case d.Attribute == email && condition == "prefix":
		d.problem(place, "anybody can have an address that begins so; use equals, oneOf or emailDomain")
	case d.Attribute == email && !all(values, isAddress):
		d.problem(place, "the whole address is compared; for a domain use emailDomain")
	case d.Attribute == phone && !all(values, isInternational):
		d.problem(place, "in Cognito every phone number begins with + and the code of the country")
	}
}

func (d *draft) checkDomain() {
	place := with("emailDomain", d.EmailDomain)
	ascii := asciiDomain(d.EmailDomain)
	labels := strings.Split(ascii, ".")
	tooLong := func(label string) bool { return len(label) > 63 }
	switch {
	case d.Attribute != email:
		d.problem(place, `it is for the attribute "email" only`)
	case strings.Contains(d.EmailDomain, "@"):
		d.problem(place, "it is the domain alone, without @")
	case strings.Contains(d.EmailDomain, "*"):
		d.problem(place, "there are no wildcards, and a subdomain needs a rule of its own")
	case len(labels) < 2 || slices.Contains(labels, "") || len(ascii) > 253 || slices.ContainsFunc(labels, tooLong):
		d.problem(place, "it is no domain such as example.com")
	}
}

// maxGroupName is the length of a group's name in characters
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html).
const maxGroupName = 128

func (d *draft) checkGroups() {
	readable, there := d.readable["groups"]
	switch {
	case !there:
		d.problem("", `"groups" is missing`)
	case !readable:
		return
	case len(d.Groups) == 0:
		d.problem(at("groups"), "it is an empty list, and a rule gives at least one group")
	case hasRepeat(d.Groups):
		d.problem(at("groups"), "it has a group twice")
	}
	for _, name := range d.Groups {
		if !isName(name, maxGroupName) {
			d.problem(with("groups", name), "the name of a group has 1 to %d characters, and no space among them", maxGroupName)
		}
	}
}

func hasRepeat(values []string) bool { return len(appendNew(nil, values...)) != len(values) }

func all(values []string, is func(string) bool) bool {
	for _, v := range values {
		if !is(v) {
			return false
		}
	}
	return true
}

func isAddress(s string) bool { return domainOf(s) != "" && !strings.HasPrefix(s, "@") }

func isInternational(s string) bool { return strings.HasPrefix(s, "+") }

package grouprules

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// The attributes that Cognito verifies, and the one that says of each that it has
// (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html).
const (
	email = "email"
	phone = "phone_number"
)

var verifiedBy = map[string]string{email: "email_verified", phone: "phone_number_verified"}

func (r Rule) matches(attributes map[string]string) bool {
	value := attributes[r.Attribute]
	if verified, ok := verifiedBy[r.Attribute]; ok {
		return attributes[verified] == "true" && r.meets(value)
	}
	return r.meets(value) || slices.ContainsFunc(elements(value), r.meets)
}

// elements returns the values that an identity provider gave for one attribute; none
// if the value is no list. Cognito writes them as a text, [a, b], each encoded as in
// a URL, so that a comma in one does not end it. The sources are the developer guide
// for the encoding
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html)
// and AWS's sample for the brackets, which a single value does not get
// (https://github.com/aws-samples/amazon-cognito-example-for-external-idp).
func elements(value string) []string {
	list, opens := strings.CutPrefix(value, "[")
	list, closes := strings.CutSuffix(list, "]")
	if !opens || !closes {
		return nil
	}
	all := strings.Split(list, ",")
	for i, one := range all {
		all[i] = strings.TrimSpace(one)
		if decoded, err := url.QueryUnescape(all[i]); err == nil {
			all[i] = decoded
		}
	}
	return all
}

// meets reports whether one value of the attribute meets the condition.
func (r Rule) meets(value string) bool {
	switch {
	case r.EmailDomain != "":
		domain := asciiDomain(domainOf(value))
		return domain != "" && domain == asciiDomain(r.EmailDomain)
	case r.Prefix != "":
		return strings.HasPrefix(value, r.Prefix)
	case r.Equals != "":
		return r.same(value, r.Equals)
	default:
		return slices.ContainsFunc(r.OneOf, func(one string) bool { return r.same(value, one) })
	}
}

// same compares two values of the attribute.
func (r Rule) same(a, b string) bool {
	if r.Attribute == email {
		return lowerASCII(a) == lowerASCII(b)
	}
	return a == b
}

// lowerASCII lowers the letters A to Z only. Unicode's folding would make K of the
// Kelvin sign, which is a letter that another mailbox may have.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// domainOf returns what follows the last @ of an address; a quoted local part may
// have one, too.
func domainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	return address[at+1:]
}

// asciiDomain returns the domain as it is looked up in DNS, in small letters;
// nothing if it cannot be.
func asciiDomain(domain string) string {
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return ""
	}
	return ascii
}

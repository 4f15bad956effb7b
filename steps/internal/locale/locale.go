// Package locale reads the languages that a user prefers, in the forms in which
// identity providers and app clients give them. All steps ask it, so that mail and
// profile agree.
package locale

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// maxTag is the length of the longest tag that is looked at, and maxTags how many are.
// RFC 5646, section 4.4.1, takes 35 characters for enough.
const (
	maxTag  = 64
	maxTags = 16
)

// OfUser returns the canonical tags of the user's languages, the preferred one first;
// none if nothing is known. The pool's attribute counts more than the metadata, which
// is what the app client sent.
func OfUser(attributes, metadata map[string]string) []string {
	return Preferred(attributes["locale"], metadata["locale"])
}

// Preferred returns the canonical tags in the values, the first value's first. A value
// is a tag; what systems call a locale (pt_BR.UTF-8); a list of tags with commas, and
// with weights as in the header Accept-Language
// (https://www.rfc-editor.org/rfc/rfc9110#name-accept-language); a list with spaces, as
// in OpenID Connect's ui_locales; or LinkedIn's object with language and country.
// What is none of these, such as "*", is left out.
func Preferred(values ...string) []string {
	var tags []string
	for _, value := range values {
		for _, tag := range parse(value) {
			if !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
	}
	return tags
}

// weighted is an element of a list.
type weighted struct {
	tag string
	// weight is between 0 and 1; a tag with 0 is not wanted.
	weight float64
}

func parse(value string) []string {
	value = strings.TrimSpace(value)
	var object struct{ Language, Country string }
	if strings.HasPrefix(value, "{") && json.Unmarshal([]byte(value), &object) == nil {
		value = strings.TrimSuffix(object.Language+"-"+object.Country, "-")
	}
	separator := ","
	if !strings.ContainsAny(value, ",;") {
		separator = " "
	}
	var list []weighted
	for element := range strings.SplitSeq(value, separator) {
		if w := weigh(element); w.tag != "" && w.weight > 0 {
			list = append(list, w)
		}
		if len(list) == maxTags {
			break
		}
	}
	slices.SortStableFunc(list, func(a, b weighted) int { return cmp.Compare(b.weight, a.weight) })
	tags := make([]string, len(list))
	for i, w := range list {
		tags[i] = w.tag
	}
	return tags
}

// weigh reads a tag and its weight, which is 1 when none is given, and 0 when what is
// given cannot be one.
func weigh(element string) weighted {
	tag, parameters, _ := strings.Cut(element, ";")
	w := weighted{tag: Canonical(tag), weight: 1}
	name, value, found := strings.Cut(parameters, "=")
	if found && strings.EqualFold(strings.TrimSpace(name), "q") {
		weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(weight >= 0 && weight <= 1) {
			weight = 0
		}
		w.weight = weight
	}
	return w
}

// Canonical returns the tag as RFC 5646 recommends to write it (pt-BR, zh-Hant-TW).
// It also reads what systems call a locale (pt_BR.UTF-8, de_DE@euro). What cannot be
// a tag is empty.
func Canonical(tag string) string {
	tag, _, _ = strings.Cut(tag, ".")
	tag, _, _ = strings.Cut(tag, "@")
	tag = strings.TrimSpace(tag)
	if len(tag) > maxTag {
		return ""
	}
	subtags := strings.Split(strings.ReplaceAll(tag, "_", "-"), "-")
	extension := false
	for i, s := range subtags {
		if !isSubtag(s) || i == 0 && (len(s) < 2 || strings.ContainsAny(s, "0123456789")) {
			return ""
		}
		subtags[i] = strings.ToLower(s)
		switch {
		case i == 0 || extension:
		case len(s) == 2: // a region
			subtags[i] = strings.ToUpper(s)
		case len(s) == 4 && s[0] > '9': // a script
			subtags[i] = strings.ToUpper(s[:1]) + subtags[i][1:]
		}
		extension = extension || len(s) == 1
	}
	if len(subtags[len(subtags)-1]) == 1 { // it introduces what is not there
		return ""
	}
	return strings.Join(subtags, "-")
}

// isSubtag reports whether s is 1 to 8 letters and digits of ASCII.
func isSubtag(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 8
}

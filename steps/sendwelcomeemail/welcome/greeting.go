package welcome

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the length in characters of the longest name that is greeted by.
const maxName = 64

// ideographicSpace stands between the parts of Japanese and Chinese names.
const ideographicSpace = '\u3000'

// notInNames has what unicode.IsPrint lets through: formatting and other
// invisible characters, and symbols, of which some read as letters (ⓒⓞⓜ).
var notInNames = []*unicode.RangeTable{
	unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector,
	unicode.So, unicode.Sm, unicode.Sc,
}

// Greeting returns the name to greet the user by, from the attributes of the
// pool: given_name, or else name, or else nothing. What does not look like a
// name is left out.
//
// Whoever signs up chooses the name and whose address the mail goes to. Without
// this check the welcome mail would carry a stranger's advertisement.
func Greeting(attributes map[string]string) string {
	for _, key := range []string{"given_name", "name"} {
		if name := strings.TrimSpace(attributes[key]); looksLikeName(name) {
			return name
		}
	}
	return ""
}

// looksLikeName reports whether s is short, has no control or invisible
// characters, none that URLs and markup are made of, and no domain.
func looksLikeName(s string) bool {
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxName {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) && r != ideographicSpace || unicode.In(r, notInNames...) ||
			strings.ContainsRune(`/\@:<>{}[]|=?&%#$_*~^"`, r) {
			return false
		}
	}
	return !hasDomain(s)
}

// hasDomain reports whether a dot, or a character that mail clients take for
// one, stands directly before two or more letters or digits, as it does in
// "example.com" and not in "J.R. Smith" or "J.-P. Sartre".
func hasDomain(s string) bool {
	runes := []rune(s)
	for i, r := range runes {
		if !strings.ContainsRune(".。．｡․﹒", r) || i+2 >= len(runes) {
			continue
		}
		if isAlphanumeric(runes[i+1]) && isAlphanumeric(runes[i+2]) {
			return true
		}
	}
	return false
}

// isAlphanumeric counts marks too: "c\u0301om" reads as a domain like "com".
func isAlphanumeric(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.N) }

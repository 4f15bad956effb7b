package welcome

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxName is the length in characters of the longest name that is greeted by.
	maxName = 64
	// maxDigits lets "X Æ A-12" pass and stops telephone numbers.
	maxDigits = 3
)

// Spaces that unicode.IsPrint does not let through: one stands between the parts of
// Japanese and Chinese names, the other keeps the parts of a name on one line.
const (
	ideographicSpace = '\u3000'
	noBreakSpace     = '\u00a0'
)

// notInNames has what unicode.IsPrint lets through: formatting and other
// invisible characters, and symbols, of which some read as letters (ⓒⓞⓜ).
var notInNames = []*unicode.RangeTable{
	unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector,
	unicode.So, unicode.Sm, unicode.Sc,
}

// namesIn are the attributes that a user is greeted by in a language, the best first:
// in Japanese by the family name, in Chinese and Korean by the whole one.
var namesIn = map[string][]string{
	"ja": {"family_name", "name", "given_name"},
	"ko": {"name", "given_name"},
	"zh": {"name", "given_name"},
}

// Greeting returns the name to greet the user by in a language, from the attributes
// of the pool: given_name, or else name, or else nothing, but for the languages that
// greet in another way. What does not look like a name is left out.
//
// Whoever signs up chooses the name and whose address the mail goes to. Without
// this check the welcome mail would carry a stranger's advertisement.
func Greeting(language string, attributes map[string]string) string {
	base, _, _ := strings.Cut(language, "-")
	keys, ok := namesIn[base]
	if !ok {
		keys = []string{"given_name", "name"}
	}
	for _, key := range keys {
		if name := strings.TrimSpace(attributes[key]); looksLikeName(name) {
			return name
		}
	}
	return ""
}

// looksLikeName reports whether s is short, has no control or invisible
// characters, none that URLs and markup are made of, no domain, no telephone number,
// and does not read as a sentence.
func looksLikeName(s string) bool {
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxName {
		return false
	}
	runes, digits := []rune(s), 0
	for i, r := range runes {
		if !belongsInNames(r) && !isJoiner(runes, i) {
			return false
		}
		if unicode.In(r, unicode.N) {
			digits++
		}
	}
	return digits <= maxDigits && !hasDomain(runes) && !readsAsDomain(runes) && !spellsDomain(s) && !readsAsSentence(s)
}

func belongsInNames(r rune) bool {
	return (unicode.IsPrint(r) || r == ideographicSpace || r == noBreakSpace) && !unicode.In(r, notInNames...) &&
		!strings.ContainsRune(`/\@:<>{}[]|=?&%#$_*~^"`, r)
}

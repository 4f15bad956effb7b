package welcome

import (
	"slices"
	"strings"
	"unicode"
)

const (
	// maxWords is how many words a name may have, particles not counted.
	maxWords = 5
	// maxHan is how many Han characters of a name may stand without anything in
	// between. Chinese names have up to four, Japanese ones up to six.
	maxHan = 6
)

// withinWords join the parts of a word: Kai-shek, O'Brien, Ƴar'adua.
const withinWords = "-'’‘ʼʻʿʾ"

// particles stand in names in small letters, beside the initials and elided articles
// that are at most two letters long.
var particles = []string{
	"abu", "abū", "ait", "ben", "bin", "bint", "bar", "bat", "cea", "cel", "das", "dei", "del", "della", "degli", "delle", "den", "der", "des", "dit", "dos",
	"het", "ibn", "las", "los", "mac", "nic", "oğlu", "san", "sant", "sen", "ter", "the", "umm", "und", "van", "vom", "von", "zum", "zur",
}

// unlikely are words of which no name is made, and sentences of advertisements are.
// Words that are names too, like Will, Win or May, are not here.
var unlikely = []string{"www", "http", "https", "you", "your", "yours", "click", "voucher", "bitcoin", "casino", "helpdesk"}

// readsAsSentence reports whether s is more like a sentence than like a name: it has
// too many words, or a run of Han characters too long, or among three words or more one
// in small letters that is no particle. "jane doe" stays a name. Advertisements that are
// written as names are, of which there are more than any list has, pass.
func readsAsSentence(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune(withinWords, r) })
	counted, small := 0, 0
	for _, word := range words {
		lower := strings.ToLower(word)
		switch {
		case slices.Contains(unlikely, lower), hanIn(word) > maxHan:
			return true
		case slices.Contains(particles, lower), len([]rune(word)) <= 2:
			continue
		case isSmall(word):
			small++
		}
		counted++
	}
	return counted > maxWords || small > 0 && counted > 2
}

// isSmall reports whether the word has small letters only: "d'Arc" has another.
func isSmall(word string) bool {
	return unicode.IsLower([]rune(word)[0]) && !strings.ContainsFunc(word, unicode.IsUpper)
}

// hanIn is how many Han characters the word has.
func hanIn(word string) (n int) {
	for _, r := range word {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

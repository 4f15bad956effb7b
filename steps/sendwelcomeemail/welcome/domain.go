package welcome

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// dots are the full stop and what mail clients take for one.
const dots = ".。．｡․﹒"

// looksLikeDot are characters of a script that look like a full stop
// (https://www.unicode.org/Public/security/latest/confusables.txt). Within their
// script they are what they are.
var looksLikeDot = map[rune]*unicode.RangeTable{
	'\u0660': unicode.Arabic, '\u06f0': unicode.Arabic, '\u0701': unicode.Syriac, '\u0702': unicode.Syriac,
	'\ua4f8': unicode.Lisu, '\ua60e': unicode.Vai, '\U00010a50': unicode.Kharoshthi,
}

// readsLikeDot have what is no dot to a mail client, and reads like one to a person:
// middle dots, leaders, and the full stops of other scripts.
const readsLikeDot = dots + "\u00b7\u0387\u1427\u16eb\u2022\u2027\u2e31\u30fb\uff65\u318d\ua78f" +
	"\u2025\u2026\u0589\u06d4\u0964\u1362\u166e\u1803\u1809\u2cf9\ua4ff\ufe12"

// hasDomain reports whether a dot stands directly before two or more letters or
// digits, as it does in "example.com" and not in "J.R. Smith" or "J.-P. Sartre",
// unless it ends an initial.
func hasDomain(runes []rune) bool {
	for i, r := range runes {
		if i+2 >= len(runes) || !isAlphanumeric(runes[i+1]) || !isAlphanumeric(runes[i+2]) {
			continue
		}
		if script, ok := looksLikeDot[r]; ok && !unicode.Is(script, runes[i+1]) {
			return true
		}
		if strings.ContainsRune(dots, r) && (r != '.' || !endsInitial(runes, i)) {
			return true
		}
	}
	return false
}

// Scripts in which people write an initial or a short title before a name without a
// space between them: with capitals, and without.
var (
	cased   = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian}
	uncased = []*unicode.RangeTable{
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya,
		unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
	}
)

// endsInitial reports whether the dot at i stands as in "S.Ramesh", "Md.Kamal" and
// "எம்.ராமன்": after at most two letters, before a name of the same script that is no
// top-level domain.
//
// The list of those is a part of the program, and ages: a domain that is introduced
// later is not on it until golang.org/x/net is updated. What an attacker could make
// of that has a domain of one or two letters before the dot, and there are too few of
// them to be had for such a use.
func endsInitial(runes []rune, i int) bool {
	label, name := labelBefore(runes[:i]), wordAfter(runes[i+1:])
	script := scriptOf(name[0], uncased)
	if isCapitalized(name) && len(name) >= 3 { // two letters are a country's domain, or may become one
		script = scriptOf(name[0], cased)
	}
	foreign := func(r rune) bool { return !isLetter(r) || !unicode.Is(script, r) }
	return script != nil && !slices.ContainsFunc(name, foreign) && !slices.ContainsFunc(label, foreign) &&
		isInitial(label) && !isTopLevelDomain(string(name))
}

// isInitial reports whether the label has one or two letters, with any marks.
func isInitial(label []rune) bool {
	letters := 0
	for _, r := range label {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters == 1 || letters == 2
}

// labelBefore returns what would be the label of a domain before the dot: back to
// what is no letter, digit or hyphen. No label begins with a hyphen, as the P in
// "J.-P.Sartre" does.
func labelBefore(runes []rune) []rune {
	start := len(runes)
	for start > 0 && (isAlphanumeric(runes[start-1]) || runes[start-1] == '-') {
		start--
	}
	for start < len(runes) && runes[start] == '-' {
		start++
	}
	return runes[start:]
}

// wordAfter returns the letters and digits after the dot.
func wordAfter(runes []rune) []rune {
	if end := slices.IndexFunc(runes, func(r rune) bool { return !isAlphanumeric(r) }); end >= 0 {
		return runes[:end]
	}
	return runes
}

// isCapitalized reports whether the word is one capital letter and then small ones.
func isCapitalized(word []rune) bool {
	return unicode.IsUpper(word[0]) && !slices.ContainsFunc(word[1:], func(r rune) bool { return !unicode.IsLower(r) })
}

// dotsInWords are what a dot is called.
var dotsInWords = []string{"dot", "punkt", "punto", "ponto", "point", "nokta", "kropka", "точка", "крапка", "点", "點", "ドット", "닷", "نقطة", "נקודה"}

// spellsDomain reports whether s has a domain with its dot in letters, such as
// "casino dot com", its letters one by one ("casino dot c o m"), or a comma in the
// place of its dot ("casino,com").
func spellsDomain(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool { return !isAlphanumeric(r) })
	for i := 1; i+1 < len(words); i++ {
		if slices.Contains(dotsInWords, inScript(words[i])) && (isTopLevelDomain(words[i+1]) || isTopLevelDomain(spelled(words[i+1:]))) {
			return true
		}
	}
	for before, after := range cutAll(s, ',') {
		last, _ := utf8.DecodeLastRuneInString(before)
		word := string(wordAfter([]rune(after)))
		if isAlphanumeric(last) && len([]rune(word)) >= 2 && word == strings.ToLower(word) && isTopLevelDomain(word) {
			return true
		}
	}
	return false
}

// inScript is the word in small letters, as it is read: fullwidth letters are letters.
func inScript(word string) string {
	if ascii := inDomain(word); !strings.HasPrefix(ascii, "xn--") {
		return ascii
	}
	return strings.ToLower(word)
}

// spelled joins the words of one letter that come first.
func spelled(words []string) string {
	var letters strings.Builder
	for _, word := range words {
		if utf8.RuneCountInString(word) != 1 {
			break
		}
		letters.WriteString(word)
	}
	return letters.String()
}

// cutAll gives what is before and after each separator.
func cutAll(s string, separator byte) iter.Seq2[string, string] {
	return func(yield func(before, after string) bool) {
		for i := range len(s) {
			if s[i] == separator && !yield(s[:i], s[i+1:]) {
				return
			}
		}
	}
}

// readsAsDomain reports whether s has a top-level domain after what reads like a dot,
// as "casino·com" and "casino . com" do. Those are no links, but an advertisement all
// the same. The l·l of Catalan is none: "la" is Laos.
func readsAsDomain(runes []rune) bool {
	for i := 1; i+1 < len(runes); i++ {
		if !strings.ContainsRune(readsLikeDot, runes[i]) || unicode.ToLower(runes[i-1]) == 'l' && unicode.ToLower(runes[i+1]) == 'l' {
			continue
		}
		after := runes[i+1:]
		if unicode.IsSpace(runes[i-1]) { // no dot that ends a word, like that of "Jr. Kim"
			after = []rune(strings.TrimLeftFunc(string(after), unicode.IsSpace))
		}
		if word := wordAfter(after); len(word) >= 2 && isTopLevelDomain(string(word)) {
			return true
		}
	}
	return false
}

// isTopLevelDomain reports whether the word is one that ICANN has delegated. It asks
// for a name below it, because the list has some only as "*.ck".
func isTopLevelDomain(word string) bool {
	_, icann := publicsuffix.PublicSuffix("x." + inDomain(word))
	return icann
}

// inDomain returns the word as a domain name has it: in small letters, and in
// Punycode where it is not ASCII.
func inDomain(word string) string {
	if ascii, err := idna.Lookup.ToASCII(word); err == nil {
		return ascii
	}
	return strings.ToLower(word)
}

// isAlphanumeric counts marks too: "c\u0301om" reads as a domain like "com".
func isAlphanumeric(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.N) }

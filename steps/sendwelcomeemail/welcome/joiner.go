package welcome

import (
	"strings"
	"unicode"
)

// joining are the scripts in which the invisible zero width non-joiner and joiner
// change how letters are written, as in the Persian علی‌رضا and the Sinhala ශ්‍රී
// (https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-23/#G25237).
var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mandaic, unicode.Nko, unicode.Mongolian,
	unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil,
	unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer,
}

// viramas are the marks that take a letter's vowel away.
const viramas = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u17d2"

// isJoiner reports whether the character at i is a zero width non-joiner or joiner
// between two letters of one of those scripts. After a virama it may also end a word:
// so did everybody write the last letter of the Malayalam മോഹൻലാല്‍ before Unicode
// had a letter for it.
func isJoiner(runes []rune, i int) bool {
	if runes[i] != '\u200c' && runes[i] != '\u200d' {
		return false
	}
	script := scriptBefore(runes[:i])
	if script == nil {
		return false
	}
	if i+1 == len(runes) || unicode.IsSpace(runes[i+1]) {
		return strings.ContainsRune(viramas, runes[i-1])
	}
	return isLetter(runes[i+1]) && unicode.Is(script, runes[i+1])
}

// scriptBefore returns the joining script of the last letter or mark, past marks
// that all scripts share, or nil.
func scriptBefore(runes []rune) *unicode.RangeTable {
	i := len(runes) - 1
	for i >= 0 && unicode.Is(unicode.Inherited, runes[i]) && unicode.IsMark(runes[i]) {
		i--
	}
	if i < 0 || !isLetter(runes[i]) {
		return nil
	}
	return scriptOf(runes[i], joining)
}

func scriptOf(r rune, scripts []*unicode.RangeTable) *unicode.RangeTable {
	for _, script := range scripts {
		if unicode.Is(script, r) {
			return script
		}
	}
	return nil
}

// isLetter counts marks too: a vowel may be one.
func isLetter(r rune) bool { return unicode.In(r, unicode.L, unicode.M) }

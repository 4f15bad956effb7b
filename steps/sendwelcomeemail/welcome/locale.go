package welcome

import (
	"strings"

	"example.com/onboarding/steps/internal/locale"
)

// fallback is the language of the mail for users of whose language nothing is known.
const fallback = "en"

// Locale returns the language of the mail for a user with these locales, the one
// that counts most first, in any form that [locale.Preferred] takes. It looks for each
// in turn as RFC 4647, section 3.4, says (https://www.rfc-editor.org/rfc/rfc4647#section-3.4):
// the tag, then the tag without its last part, and so on. A tag that finds nothing
// so gets the first other variant of its language: Portuguese of Brazil is better
// than English for somebody in Portugal. It does not know what a region implies:
// that zh-TW is written as zh-Hant is said by a folder zh-TW.
func (m *Mail) Locale(candidates ...string) string {
	for _, tag := range locale.Preferred(candidates...) {
		if found := m.lookup(tag); found != "" {
			return found
		}
	}
	return fallback
}

func (m *Mail) lookup(tag string) string {
	for t := tag; t != ""; t = t[:max(0, strings.LastIndexByte(t, '-'))] {
		if _, ok := m.languages[t]; ok {
			return t
		}
	}
	base, _, _ := strings.Cut(tag, "-")
	for _, locale := range m.Locales() {
		if language, _, _ := strings.Cut(locale, "-"); language == base {
			return locale
		}
	}
	return ""
}

package welcome

import "strings"

// fallback is the language of the mail for users of whose language nothing is known.
const fallback = "en"

// maxTag is the length of the longest tag that is looked at. RFC 5646, section
// 4.4.1, takes 35 characters for enough.
const maxTag = 64

// Locale returns the language of the mail for a user with these locales, the one
// that counts most first; any of them may be empty or nonsense. It looks for each
// in turn as RFC 4647, section 3.4, says (https://www.rfc-editor.org/rfc/rfc4647#section-3.4):
// the tag, then the tag without its last part, and so on. A tag that finds nothing
// so gets the first other variant of its language: Portuguese of Brazil is better
// than English for somebody in Portugal. It does not know what a region implies:
// that zh-TW is written as zh-Hant is said by a folder zh-TW.
func (m *Mail) Locale(candidates ...string) string {
	for _, candidate := range candidates {
		if found := m.lookup(canonical(candidate)); found != "" {
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

// canonical returns the tag as RFC 5646 recommends to write it (pt-BR, zh-Hant-TW).
// It also reads what systems call a locale (pt_BR.UTF-8, de_DE@euro). What cannot be
// a tag is empty.
func canonical(tag string) string {
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

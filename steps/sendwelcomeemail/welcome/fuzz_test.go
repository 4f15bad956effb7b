package welcome

import (
	"html"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzGreeting hands in any name, and any locale, and looks at the mails that greet somebody.
func FuzzGreeting(f *testing.F) {
	mail, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][2]string{
		{"Jane", "en"},
		{"S.Ramesh", "de-AT"},
		{"علی\u200cرضا", "fa"},
		{"മോഹന്\u200d", "ja"},
		{"எம்.ராமன்", "pt_PT.UTF-8"},
		{"山田\u3000太郎", "../.."},
		{"t.Com", ""},
		{"casino dot com", "x-y-z"},
		{"<b>", "-"},
		{"\xff", "\xff"},
		{"0800 1234", "es-419"},
		{"O’Brien", "fr"},
		{"\u202eenaJ", "\x00"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, name, locale string) {
		greeted := Greeting("en", map[string]string{"given_name": name})
		language := mail.Locale(locale)
		if greeted == "" {
			return
		}
		checkGreeted(t, name, greeted)
		message, err := mail.Render(language, App{Name: "App"}, greeted)
		if err != nil {
			t.Fatalf("name %q, locale %q: %v", name, locale, err)
		}
		if strings.ContainsAny(message.Subject, "\r\n") || !strings.Contains(message.Text, greeted) ||
			!strings.Contains(html.UnescapeString(message.HTML), `<span dir="auto">`+greeted+"</span>") {
			t.Errorf("name %q, locale %q: greeted as %q in\n%+v", name, locale, greeted, message)
		}
	})
}

// checkGreeted checks what must hold for every name that is greeted by.
func checkGreeted(t *testing.T, name, greeted string) {
	t.Helper()
	if !strings.Contains(name, greeted) || strings.TrimSpace(greeted) != greeted || utf8.RuneCountInString(greeted) > 64 || !utf8.ValidString(greeted) {
		t.Errorf("%q is greeted as %q", name, greeted)
	}
	if again := Greeting("en", map[string]string{"name": greeted}); again != greeted {
		t.Errorf("%q is greeted as %q, and that as %q", name, greeted, again)
	}
	if strings.ContainsAny(greeted, "<>\"&/\\@:{}[]") || strings.ContainsFunc(greeted, unicode.IsControl) {
		t.Errorf("%q has characters of markup or control", greeted)
	}
	digits := 0
	for _, r := range greeted {
		if unicode.IsDigit(r) {
			digits++
		}
		if r != '\u200c' && r != '\u200d' && unicode.Is(unicode.Cf, r) {
			t.Errorf("%q has the invisible %U", greeted, r)
		}
	}
	if digits > 3 {
		t.Errorf("%q has %d digits", greeted, digits)
	}
	// What is linked for certain: a domain of ASCII in small letters.
	for word := range strings.FieldsSeq(greeted) {
		if _, top, ok := strings.Cut(word, "."); ok && len(top) >= 2 && strings.Trim(top, "abcdefghijklmnopqrstuvwxyz") == "" {
			t.Errorf("%q has what reads as a domain, %q", greeted, word)
		}
	}
}

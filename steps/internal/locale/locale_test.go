package locale_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/steps/internal/locale"
)

func TestPreferredLanguages(t *testing.T) {
	for value, want := range map[string]string{
		// Accept-Language
		"de-DE,de;q=0.9,en;q=0.8":              "de-DE de en",
		"de-DE;q=0.9":                          "de-DE",
		"de,en":                                "de en",
		"de-DE, en-US":                         "de-DE en-US",
		"fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5":   "fr-CH fr en",
		"en;q=0.5,pt-BR":                       "pt-BR en",
		"en ; Q = 0.5 , ja;q=1.0":              "ja en",
		"da, en-gb;q=0.8, en;q=0.7":            "da en-GB en",
		"de;q=0,en":                            "en",
		"de;q=x,fr;q=2,es;q=-1,it;q=NaN,en":    "en",
		"*":                                    "",
		",,;,":                                 "",
		"de,de,DE":                             "de",
		"en_US.UTF-8,de_DE@euro":               "en-US de-DE",
		"fr-CA fr en":                          "fr-CA fr en", // ui_locales
		`{"country":"US","language":"en"}`:     "en-US",
		`{"language":"pt"}`:                    "pt",
		`{"language":{"x":1}}`:                 "",
		`{"language":"{\"language\":\"de\"}"}`: "",
		"{{.App}}":                             "",
		"pt_BR":                                "pt-BR",
		" es ":                                 "es",
		"":                                     "",
		strings.Repeat("de,", 10_000) + "fr":   "de",
		strings.Repeat(`{"language":`, 2_000) + `"de"}`: "",
	} {
		if got := strings.Join(locale.Preferred(value), " "); got != want {
			t.Errorf("%.60q: got %q, want %q", value, got, want)
		}
	}
}

func TestAttributeCountsMoreThanMetadata(t *testing.T) {
	user, sent := map[string]string{"locale": "ja;q=0.1"}, map[string]string{"locale": "de,ja"}
	if got := locale.OfUser(user, sent); !slices.Equal(got, []string{"ja", "de"}) {
		t.Errorf("got %q", got)
	}
	if got := locale.OfUser(nil, nil); len(got) != 0 {
		t.Errorf("of nothing: %q", got)
	}
}

func TestCanonicalTag(t *testing.T) {
	for tag, want := range map[string]string{
		"PT_br": "pt-BR", "ZH-hANT-tw": "zh-Hant-TW", "es-419": "es-419", "sl-ROZAJ-1994": "sl-rozaj-1994",
		"de-u-CO-phonebk": "de-u-co-phonebk", "en_US.UTF-8": "en-US", "de-x-a1": "de-x-a1", "de-x": "", "de-u-co-x": "", "a": "", "": "", "en-": "",
	} {
		if got := locale.Canonical(tag); got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}

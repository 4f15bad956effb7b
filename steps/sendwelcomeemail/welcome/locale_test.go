package welcome

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestLanguageOfTheMail(t *testing.T) {
	for name, tests := range map[string][][2]string{
		"the tag itself":          {{"en", "en"}, {"pt-BR", "pt-BR"}, {"ja", "ja"}},
		"without the last part":   {{"de-AT", "de"}, {"fr-CA", "fr"}, {"es-419", "es"}, {"ja-JP-u-ca-japanese", "ja"}, {"pt-BR-abl1943", "pt-BR"}},
		"without a script":        {{"de-Latn-DE-1996", "de"}},
		"another variant":         {{"pt", "pt-BR"}, {"pt-PT", "pt-BR"}, {"pt-Latn-AO", "pt-BR"}},
		"any case, underscores":   {{"PT_br", "pt-BR"}, {"DE", "de"}, {"fr_FR", "fr"}, {"Ja-jp", "ja"}},
		"locales of systems":      {{"en_US.UTF-8", "en"}, {"de_DE@euro", "de"}, {"pt_BR.ISO8859-1", "pt-BR"}, {"fr_FR.UTF-8@x", "fr"}, {" es ", "es"}},
		"lists":                   {{"de-DE,de;q=0.9,en;q=0.8", "de"}, {"tlh, fr-CH;q=0.9, *;q=0.5", "fr"}, {"zh;q=0.9,es;q=0.1", "es"}},
		"a language without mail": {{"zh-Hant-TW", "en"}, {"tlh", "en"}, {"i-klingon", "en"}, {"x-de", "en"}, {"deu", "en"}, {"der", "en"}},
		"nothing":                 {{"", "en"}, {" ", "en"}, {"C", "en"}, {"C.UTF-8", "en"}, {"POSIX", "en"}, {"*", "en"}},
		"nonsense": {
			{"../..", "en"},
			{"de/../fr", "en"},
			{"de-", "en"},
			{"-de", "en"},
			{"de--AT", "en"},
			{"de-abcdefghi", "en"},
			{"d\u00e9", "en"},
			{"de\x00", "en"},
			{"de\nfr", "en"},
			{"{{.App}}", "en"},
			{"<b>de", "en"},
			{"1de", "en"},
			{"\xff", "en"},
			{"\u212ao", "en"},
			{"layout.html", "en"},
			{strings.Repeat("d", 10000), "en"},
			{"de-" + strings.Repeat("a-", 5000), "en"},
			{strings.Repeat("-", 10000), "en"},
			{strings.Repeat("de-", 30) + "DE", "en"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, test := range tests {
				if got := load(t).Locale(test[0]); got != test[1] {
					t.Errorf("%.40q gets %q, want %q", test[0], got, test[1])
				}
			}
		})
	}
}

func TestEachCandidateIsLookedForInTurn(t *testing.T) {
	for _, test := range []struct{ attribute, metadata, want string }{
		{"de", "fr", "de"},
		{"", "fr", "fr"},
		{"nonsense!", "fr", "fr"},
		{"zh-Hant-TW", "fr-CA", "fr"},
		{"pt-PT", "fr", "pt-BR"}, // another variant of the first comes before the second
		{"zh", "tlh", "en"},
		{"", "", "en"},
	} {
		if got := load(t).Locale(test.attribute, test.metadata); got != test.want {
			t.Errorf("%q, %q: got %q, want %q", test.attribute, test.metadata, got, test.want)
		}
	}
	if got := load(t).Locale(); got != "en" {
		t.Errorf("no candidate: got %q, want en", got)
	}
}

func TestScriptsAndVariantsOfOneLanguage(t *testing.T) {
	files := builtIn(t)
	for _, locale := range []string{"zh-Hans", "zh-Hant", "en-GB", "pt"} {
		for _, file := range []string{"subject.txt", "welcome.txt", "welcome.html"} {
			files[locale+"/"+file] = &fstest.MapFile{Data: files["en/"+file].Data}
		}
	}
	mail, err := Open(files)
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string]string{
		"zh-Hant-TW": "zh-Hant", "zh_hant_hk": "zh-Hant", "ZH-HANS-SG": "zh-Hans", "zh": "zh-Hans", "zh-TW": "zh-Hans",
		"en-GB": "en-GB", "en-GB-oxendict": "en-GB", "en-AU": "en", "pt-PT": "pt", "pt-BR": "pt-BR", "zh-Hant-x-pt-BR": "zh-Hant", "zh-Hant-x-a": "en", "en-GB-u-ca-iso8601": "en-GB",
	} {
		if got := mail.Locale(tag); got != want {
			t.Errorf("%s gets %q, want %q", tag, got, want)
		}
	}
}

package welcome

import (
	"strings"
	"testing"
)

func TestNamesToGreetBy(t *testing.T) {
	for _, name := range []string{
		"Jane", "J.R. Smith", "J. Ronald R. Tolkien", "J.-P. Sartre", "Sammy Davis Jr.", "King, Martin Luther Jr.",
		"José Ñandú", "Jose\u0301 N\u0303andu\u0301", "O'Brien", "O\u2019Brien", "Jean-Luc", "Anne Marie d'Arc",
		"李小龍", "山田 太郎", "山田\u3000太郎", "Σωκράτης", "Пётр Ильич", "محمد", "नरेन्द्र", "Nguyễn Thị Ánh", "X Æ A-12", "Elizabeth II (Lilibet)",
		"Q", strings.Repeat("x", 64), strings.Repeat("語", 64),
	} {
		if got := Greeting(map[string]string{"given_name": name}); got != name {
			t.Errorf("%q is greeted as %q", name, got)
		}
	}
}

func TestSpaceAroundTheNameIsCut(t *testing.T) {
	if got := Greeting(map[string]string{"given_name": " \t Jane \r\n"}); got != "Jane" {
		t.Errorf("greeted as %q, want Jane", got)
	}
}

func TestNamesNotToGreetBy(t *testing.T) {
	for kind, names := range map[string][]string{
		"nothing": {"", "  ", "\n"},
		"URL":     {"https://casino.example", "Win: casino", "ftp://x", "//casino", "mailto:jane", `\\host\share`, "casino/win", "casino?win=1"},
		"domain": {
			"casino.example", "CASINO.EXAMPLE", "www.casino.example", "Jane casino.co", "see casino.example now",
			"casino.example.", "(casino.example)", "casino.рф", "казино.рф", "例え.日本", "xn--80ak6aa92e.com", "10.20.30.40",
		},
		"domain with another dot":      {"casino。example", "casino．example", "casino｡example", "casino․example", "casino﹒example"},
		"domain with marks or symbols": {"casino.\u0301com", "casino.c\u0301om", "casino.ⓒⓞⓜ"},
		"address":                      {"jane@casino", "jane＠casino.example"},
		"control character":            {"Jane\nWin", "Jane\r\nBcc: x", "Jane\x00", "Jane\x1b[2J", "Jane\u0085Win", "Jane\tDoe", "\x7fJane"},
		"invisible character":          {"Ja\u200bne", "casino\u200b.example", "Ja\u00adne", "\ufeffJane", "Ja\u2060ne", "casino.\u034fexample", "casino.\ufe0fexample", "\u3164", "\u115f", "\u2800", "Jane\u2028Win", "Jane\U000e0041"},
		"bidirectional control":        {"\u202eenaJ", "Jane\u202d", "\u2066Jane\u2069", "Jane\u200f"},
		"private or unassigned":        {"Jane\ue000", "Jane\uffff"},
		"HTML":                         {"<b>Jane</b>", "Jane<br>", "Jane&nbsp;", `"Jane"`, "<script>alert(1)</script>"},
		"template or link text":        {"{{.App.URL}}", "[win](casino)", "%s", "$100", "*win*", "~win~", "win_now", "#win", "a|b", "1=1"},
		"invalid UTF-8":                {"Jane\xff", "\xc3", "\xed\xa0\x80"},
		"too long":                     {strings.Repeat("x", 65), strings.Repeat("語", 65), strings.Repeat("Win now ", 50)},
	} {
		t.Run(kind, func(t *testing.T) {
			for _, name := range names {
				if got := Greeting(map[string]string{"given_name": name}); got != "" {
					t.Errorf("%q is greeted as %q", name, got)
				}
			}
		})
	}
}

func TestGivenNameComesBeforeName(t *testing.T) {
	for _, test := range []struct{ given, name, want string }{
		{"Jane", "Jane Doe", "Jane"},
		{"", "Jane Doe", "Jane Doe"},
		{"  ", "Jane Doe", "Jane Doe"},
		{"casino.example", "Jane Doe", "Jane Doe"},
		{"Jane", "casino.example", "Jane"},
		{"casino.example", "https://casino.example", ""},
	} {
		attributes := map[string]string{"given_name": test.given, "name": test.name, "family_name": "Unused", "email": "unused@example.com"}
		if got := Greeting(attributes); got != test.want {
			t.Errorf("given_name %q, name %q: got %q, want %q", test.given, test.name, got, test.want)
		}
	}
	if got := Greeting(nil); got != "" {
		t.Errorf("no attributes: got %q, want nothing", got)
	}
}

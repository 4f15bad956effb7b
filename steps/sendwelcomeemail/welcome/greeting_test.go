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
		"Jane\u00a0Doe", "علی\u200cرضا", "ශ\u0dca\u200dරී", "مُ\u200cمد", "ന്\u200d", "ന്\u200d ന",
		"S.Ramesh", "A.P.J.Abdul Kalam", "Md.Kamal", "St.John", "J.-P.Sartre", "எம்.ஜி.ராமன்", "M.Ali", "Dot Kim", "Jane Dot", "Agent 007",
		"Gal·la Placídia", "GAL·LA", "阿尔伯特·爱因斯坦", "アルベルト・アインシュタイン", "Sammy Davis Jr. Kim", "J·K·罗琳", "Tehaliwahkó·tu",
		"Q", strings.Repeat("x", 64), "jane doe", "María del Carmen Fernández de la Vega y García", "Ludwig van Beethoven", "abū ʿAlī ibn Sīnā",
		"Nguyễn Thị Minh Khai", "長谷川真理子", "O`Brien", "Smith,John", "Will May Win",
	} {
		if got := Greeting("en", map[string]string{"given_name": name}); got != name {
			t.Errorf("%q is greeted as %q", name, got)
		}
	}
}

func TestSpaceAroundTheNameIsCut(t *testing.T) {
	if got := Greeting("en", map[string]string{"given_name": " \t Jane \r\n"}); got != "Jane" {
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
		"domain of one or two letters": {
			"t.Com", "t.co", "T.Co", "x.Kim", "St.Kim", "go.Com", "a.b.Com", "t.COM", "t.CoM", "t.com", "T.ramesh", "t.Com Win", "see t.Com",
			"ж.Сайт", "ж.Москва", "என்.இந்தியா", "t.Ｃｏｍ", "t.Xn--p1ai", "1.Ramesh", "a1.Ramesh", "t.R\u0430mesh", "\u0422.Ramesh", "t.Ramesh1", "t\u0301.Ramesh",
		},
		"domain before a name": {"casino.Example", "Casino.Ramesh", "win-x.Ramesh", "casino-s.Ramesh", "abc.Ramesh", ".Ramesh", "..Ramesh", "Jane .Ramesh", "S。Ramesh", "S．Ramesh"},
		"domain in words": {
			"casino dot com", "Casino DOT COM", "casino (dot) com", "casino-dot-com", "casino dot co dot uk", "Win at casino dot online now",
			"casino Dot Рф", "casino\u00a0dot\u00a0com", "casino ｄｏｔ ｃｏｍ", "casino dot ck", "Anne Dot Kim",
		},
		"punycode":         {"xn--e1afmkfd.xn--p1ai", "win xn--80ak6aa92e.com", "t.xn--p1ai"},
		"IDN domain":       {"пример.рф", "bücher.example", "例え.テスト", "مثال.إختبار", "उदाहरण.परीक्षा", "உதாரணம்.பரிட்சை", "казино。рф"},
		"telephone number": {"0800 123 456", "+49 30 1234", "call 5551", "555-0199", "Jane ٠١٢٣", "Jane ０８００", "٠٨٠٠١٢٣", "¹²³⁴", "Jane 1-2-3-4", "Ⅰ Ⅱ Ⅲ Ⅳ"},
		"joiner where no script has it": {
			"Ja\u200cne", "Ja\u200dne", "\u200cJane", "Jane\u200d", "casino\u200c.example", "casino.\u200dexample", "山\u200d田", "Пё\u200cтр",
			"\u200cعلی", "علی\u200c", "علی\u200c رضا", "علی\u200c\u200cرضا", "علی\u200cJane", "Jane\u200cعلی", "न\u200dக", "ന\u200d", "\u0301\u200cن", "\u0301\u200d", "١\u200c٢",
		},
		"character that looks like a dot": {"casino\ua4f8com", "casino٠com", "casino۰com", "casino\u0701com", "casino\u0702com", "casino\ua60ecom", "casino\U00010a50com"},
		"domain with another dot":         {"casino。example", "casino．example", "casino｡example", "casino․example", "casino﹒example"},
		"domain with marks or symbols":    {"casino.\u0301com", "casino.c\u0301om", "casino.ⓒⓞⓜ"},
		"what reads like a dot": {
			"casino·com", "casino\u0387com", "casino\u1427com", "casino\u16ebcom", "casino•com", "casino‧com", "casino\u2e31com", "casino・com", "casino･com",
			"casino\u318dcom", "casino\ua78fcom", "casino‥com", "casino…com", "casino\u0589com", "casino\u06d4com", "casino\u0964com", "casino\u1362com",
			"casino\u166ecom", "casino\u1803com", "casino\u1809com", "casino\u2cf9com", "casino\ua4ffcom", "casino\ufe12com",
			"casino·COM now", "casino·рф", "casino . com", "casino\u00a0·\u00a0com", "casino • com",
		},
		"address":               {"jane@casino", "jane＠casino.example"},
		"control character":     {"Jane\nWin", "Jane\r\nBcc: x", "Jane\x00", "Jane\x1b[2J", "Jane\u0085Win", "Jane\tDoe", "\x7fJane"},
		"invisible character":   {"Ja\u200bne", "casino\u200b.example", "Ja\u00adne", "\ufeffJane", "Ja\u2060ne", "casino.\u034fexample", "casino.\ufe0fexample", "\u3164", "\u115f", "\u2800", "Jane\u2028Win", "Jane\U000e0041"},
		"bidirectional control": {"\u202eenaJ", "Jane\u202d", "\u2066Jane\u2069", "Jane\u200f"},
		"private or unassigned": {"Jane\ue000", "Jane\uffff"},
		"HTML":                  {"<b>Jane</b>", "Jane<br>", "Jane&nbsp;", `"Jane"`, "<script>alert(1)</script>"},
		"template or link text": {"{{.App.URL}}", "[win](casino)", "%s", "$100", "*win*", "~win~", "win_now", "#win", "a|b", "1=1"},
		"sentence": {
			"Click the link below to claim", "注册即送彩金请加微信客服领取", "Вам начислен бонус заберите сегодня", "Payout waiting tap the button below",
			"YOU`WON`A`MILLION`TAP`BELOW", "YOU.WON", "Emma sent you a photo", "Account is locked, call our desk", "Win Big Money Here Right Now", "Emma hat dir ein Bild geschickt",
			"今日無料登録受付中", "www casino com", "HTTP Casino",
		},
		"domain with another word or sign": {
			"gewinn,com", "win,ru now", "gewinn dot c o m", "казино точка рф", "gewinn Punkt de", "gana punto com", "казино точка р ф",
		},
		"invalid UTF-8": {"Jane\xff", "\xc3", "\xed\xa0\x80"},
		"too long":      {strings.Repeat("x", 65), strings.Repeat("語", 65), strings.Repeat("Win now ", 50), strings.Repeat("x", 10000), strings.Repeat("J.", 5000), strings.Repeat("ن\u200c", 5000)},
	} {
		t.Run(kind, func(t *testing.T) {
			for _, name := range names {
				if got := Greeting("en", map[string]string{"given_name": name}); got != "" {
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
		if got := Greeting("en", attributes); got != test.want {
			t.Errorf("given_name %q, name %q: got %q, want %q", test.given, test.name, got, test.want)
		}
	}
	if got := Greeting("en", nil); got != "" {
		t.Errorf("no attributes: got %q, want nothing", got)
	}
}

func TestGreetingIsThatOfTheLanguage(t *testing.T) {
	taro := map[string]string{"given_name": "太郎", "family_name": "山田", "name": "山田 太郎"}
	for language, want := range map[string]string{"ja": "山田", "ja-JP": "山田", "zh-Hant": "山田 太郎", "ko": "山田 太郎", "de": "太郎", "": "太郎"} {
		if got := Greeting(language, taro); got != want {
			t.Errorf("%q: %q, want %q", language, got, want)
		}
	}
	delete(taro, "family_name")
	if got := Greeting("ja", taro); got != "山田 太郎" {
		t.Errorf("without a family name: %q", got)
	}
}

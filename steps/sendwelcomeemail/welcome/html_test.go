package welcome

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// gmailClips is the size past which Gmail hides the rest of a mail; Google documents
// no figure, and this is what senders have measured
// (https://github.com/hteumeuleu/email-bugs/issues/41).
const gmailClips = 102 * 1024

func TestHTMLIsWhatMailClientsTake(t *testing.T) {
	long := strings.Repeat("語", 64)
	for _, locale := range load(t).Locales() {
		t.Run(locale, func(t *testing.T) {
			text := render(t, locale, App{Name: long, URL: "https://app.example.com/" + strings.Repeat("x", 2000)}, long).HTML
			if len(text) >= gmailClips {
				t.Errorf("%d bytes, and Gmail clips at %d", len(text), gmailClips)
			}
			for _, want := range []string{
				`<html lang="` + locale + `" dir="ltr">`, `<meta name="color-scheme" content="light dark">`,
				`<meta name="supported-color-schemes" content="light dark">`, "@media (prefers-color-scheme: dark)", "[data-ogsc]",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("the HTML lacks %s", want)
				}
			}
			for _, trace := range []string{"<img", "<script", "<link", "<iframe", "<form", "url(", "@import", "@font-face", "background=", " src="} {
				if strings.Contains(text, trace) {
					t.Errorf("the HTML has %s, which is remote or refused", trace)
				}
			}
		})
	}
}

func TestPreheaderIsHidden(t *testing.T) {
	for _, locale := range load(t).Locales() {
		t.Run(locale, func(t *testing.T) {
			first := textsOf(t, render(t, locale, fullApp, "Jane").HTML)[0]
			if !first.hidden {
				t.Errorf("the first text, %q, is shown", first.text)
			}
		})
	}
}

// TestTextCanBeReadInLightAndDark asks for the contrast of WCAG 2, level AA
// (https://www.w3.org/TR/WCAG22/#contrast-minimum).
func TestTextCanBeReadInLightAndDark(t *testing.T) {
	const least = 4.5
	mail := render(t, "en", fullApp, "Jane").HTML
	seen := 0
	for mode, block := range map[string]*regexp.Regexp{
		"light":   nil,
		"dark":    regexp.MustCompile(`(?s)@media \(prefers-color-scheme: dark\) \{(.*?)\n\}`),
		"Outlook": regexp.MustCompile(`(?s)<style>\n(\[data-ogs.*?)</style>`),
	} {
		rules := rulesOf(t, mail, block)
		for _, text := range textsOf(t, mail) {
			if text.hidden {
				continue
			}
			seen++
			ink, ground := text.color("color", rules), text.color("background-color", rules)
			if got := contrast(t, ink, ground); got < least {
				t.Errorf("%s: %q is %s on %s, a contrast of %.2f, want %.1f", mode, text.text, ink, ground, got, least)
			}
		}
	}
	if want := 3 * 7; seen != want { // heading, "Hello ", name, ",", ready, button, reason
		t.Errorf("looked at %d texts, want %d", seen, want)
	}
}

var rule = regexp.MustCompile(`\.(\w+) \{ ([\w-]+: [^;]+) !important; \}`)

// rulesOf returns the declarations of a style block by class. Each class must be in
// the mail: a name that is misspelled would change nothing.
func rulesOf(t *testing.T, mail string, block *regexp.Regexp) map[string]string {
	t.Helper()
	if block == nil {
		return nil
	}
	rules := make(map[string]string)
	for _, m := range rule.FindAllStringSubmatch(block.FindStringSubmatch(mail)[1], -1) {
		rules[m[1]] = m[2]
		if !strings.Contains(mail, `class="`+m[1]+`"`) {
			t.Errorf("nothing has the class %s", m[1])
		}
	}
	if len(rules) != 6 {
		t.Errorf("found %d rules, want 6: %v", len(rules), rules)
	}
	return rules
}

// shown is a text of the mail and the elements that it is in, the innermost last.
type shown struct {
	text   string
	in     []*html.Node
	hidden bool
}

func textsOf(t *testing.T, mail string) []shown {
	t.Helper()
	root, err := html.Parse(strings.NewReader(mail))
	if err != nil {
		t.Fatal(err)
	}
	var texts []shown
	var visit func(n *html.Node, in []*html.Node, hidden bool)
	visit = func(n *html.Node, in []*html.Node, hidden bool) {
		if n.Type == html.ElementNode {
			if n.Data == "head" {
				return
			}
			in = append(slices.Clip(in), n)
			hidden = hidden || declarations(attribute(n, "style"))["display"] == "none"
		}
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			texts = append(texts, shown{n.Data, in, hidden})
		}
		for c := range n.ChildNodes() {
			visit(c, in, hidden)
		}
	}
	visit(root, nil, false)
	return texts
}

// color returns the property as the innermost element that has it says.
func (s shown) color(property string, rules map[string]string) (value string) {
	for _, n := range s.in {
		d := declarations(attribute(n, "style"))
		maps.Copy(d, declarations(rules[attribute(n, "class")]))
		if d[property] != "" {
			value = d[property]
		}
	}
	return value
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func declarations(style string) map[string]string {
	d := make(map[string]string)
	for declaration := range strings.SplitSeq(style, ";") {
		property, value, _ := strings.Cut(declaration, ":")
		d[strings.TrimSpace(property)] = strings.TrimSpace(value)
	}
	return d
}

// contrast is the ratio that WCAG 2 defines
// (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light, dark := luminance(t, a), luminance(t, b)
	return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
}

func luminance(t *testing.T, color string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 24)
	if err != nil || len(color) != 7 {
		t.Fatalf("color %q is not like #1d2733", color)
	}
	channel := func(shift int) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}

func TestContrastOfKnownColors(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#ffffff", "#ffffff", 1}} {
		if got := contrast(t, test.a, test.b); math.Abs(got-test.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", test.a, test.b, got, test.want)
		}
	}
}

package welcome

import (
	"flag"
	"html"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func load(t *testing.T) *Mail {
	t.Helper()
	mail, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return mail
}

// render renders the mail and sees that no template left traces.
func render(t *testing.T, locale string, app App, name string) Message {
	t.Helper()
	message, err := load(t).Render(locale, app, name)
	if err != nil {
		t.Fatalf("%s, app %+v, name %q: %v", locale, app, name, err)
	}
	for part, text := range map[string]string{"subject": message.Subject, "HTML": message.HTML, "text": message.Text} {
		for _, trace := range []string{"<no value>", "no value", "{{", "}}", "ZgotmplZ", "%!", "<nil>"} {
			if strings.Contains(text, trace) {
				t.Errorf("%s, app %+v, name %q: the %s has %q:\n%s", locale, app, name, part, trace, text)
			}
		}
	}
	return message
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	file = "testdata/mails/" + file
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (rewrite with -update)\n got %s\nwant %s", file, got, want)
	}
}

// fullApp has all that the mail shows.
var fullApp = App{Name: "Our App", URL: "https://app.example.com/start?from=mail&lang=en"}

// TestWelcomeMail compares whole mails: with all there is, and with only what must be.
func TestWelcomeMail(t *testing.T) {
	for _, locale := range load(t).Locales() {
		t.Run(locale, func(t *testing.T) {
			for golden, message := range map[string]Message{
				"full":  render(t, locale, fullApp, "José Ñandú"),
				"plain": render(t, locale, App{Name: "Our App"}, ""),
			} {
				checkGolden(t, locale+"."+golden+".txt.golden", message.Subject+"\n\n"+message.Text)
				checkGolden(t, locale+"."+golden+".html.golden", message.HTML)
			}
		})
	}
}

func TestMailWithoutURLHasNoLink(t *testing.T) {
	for _, locale := range load(t).Locales() {
		t.Run(locale, func(t *testing.T) {
			message := render(t, locale, App{Name: "Our App"}, "Jane")
			for _, trace := range []string{"<a ", "href", "http"} {
				if strings.Contains(message.HTML, trace) || strings.Contains(message.Text, trace) {
					t.Errorf("a mail without URL has %q:\n%s\n%s", trace, message.HTML, message.Text)
				}
			}
		})
	}
}

// greetings are how the text begins with and without the name Jane.
var greetings = map[string][2]string{
	"en": {"Hello Jane,", "Hello,"}, "pt-BR": {"Olá, Jane!", "Olá!"}, "es": {"Hola, Jane:", "Hola:"},
	"de": {"Hallo Jane,", "Hallo,"}, "fr": {"Bonjour Jane,", "Bonjour,"}, "ja": {"Jane様", "こんにちは。"},
}

func TestGreetingWithAndWithoutName(t *testing.T) {
	for locale, want := range greetings {
		for i, name := range []string{"Jane", ""} {
			message := render(t, locale, fullApp, name)
			if !strings.HasPrefix(message.Text, want[i]+"\n") {
				t.Errorf("%s, name %q: the text does not begin with %q:\n%s", locale, name, want[i], message.Text)
			}
			if html := strings.Replace(want[i], "Jane", `<span dir="auto">Jane</span>`, 1); !strings.Contains(message.HTML, ">"+html+"</p>") {
				t.Errorf("%s, name %q: the HTML has no paragraph %q:\n%s", locale, name, html, message.HTML)
			}
		}
	}
}

func TestEachLanguageGreetsByName(t *testing.T) {
	for _, locale := range load(t).Locales() {
		with, without := render(t, locale, fullApp, "Jane"), render(t, locale, fullApp, "")
		if strings.Count(with.HTML, `<span dir="auto">Jane</span>`) != 1 || strings.Count(with.HTML, "Jane") != 1 || strings.Count(with.Text, "Jane") != 1 {
			t.Errorf("%s: want the name once in the text, and once in the HTML by the template \"name\":\n%s\n%s", locale, with.Text, with.HTML)
		}
		if strings.Contains(without.HTML, "<span") {
			t.Errorf("%s: nobody is greeted in\n%s", locale, without.HTML)
		}
	}
}

// The check of names is the first wall and this the second; of the app's name
// it is the only one.
func TestHostileTextIsEscapedInHTML(t *testing.T) {
	for _, hostile := range []string{
		`<script>alert("1")</script>`, `</title><img src=x onerror=alert(1)>`, `"><a href="https://casino.example">`,
		`Tom & Jerry's`, `&lt;b&gt;`, `</p></body>`, `{{.App.URL}} <b>`,
	} {
		message, err := load(t).Render("en", App{Name: hostile, URL: "https://app.example.com"}, hostile)
		if err != nil {
			t.Errorf("%q: %v", hostile, err)
			continue
		}
		if strings.Contains(message.HTML, hostile) {
			t.Errorf("%q is in the HTML as it is:\n%s", hostile, message.HTML)
		}
		if n := strings.Count(html.UnescapeString(message.HTML), hostile); n != 5 {
			t.Errorf("%q reads %d times in the HTML, want 5: title, heading, greeting, button, footer\n%s", hostile, n, message.HTML)
		}
		if want := "Welcome to " + hostile; message.Subject != want {
			t.Errorf("subject %q, want %q: it is no HTML", message.Subject, want)
		}
		if !strings.HasPrefix(message.Text, "Hello "+hostile+",\n") {
			t.Errorf("the text shall not be escaped:\n%s", message.Text)
		}
	}
}

func TestHostileURLIsNoScript(t *testing.T) {
	for _, url := range []string{`javascript:alert(1)`, `" onclick="alert(1)`, `https://x"><script>`, `data:text/html,<script>`} {
		message, err := load(t).Render("en", App{Name: "Our App", URL: url}, "Jane")
		if err != nil {
			t.Errorf("URL %q: %v", url, err)
			continue
		}
		for _, trace := range []string{`href="javascript:`, `onclick="`, "<script>", `href="data:`} {
			if strings.Contains(message.HTML, trace) {
				t.Errorf("URL %q: the HTML has %s:\n%s", url, trace, message.HTML)
			}
		}
	}
}

func TestSubjectIsOneLineWithTheApp(t *testing.T) {
	for _, locale := range load(t).Locales() {
		t.Run(locale, func(t *testing.T) {
			for _, name := range []string{"Our App", "Café", strings.TrimSpace(strings.Repeat("App ", 16))} {
				got := render(t, locale, App{Name: name}, "Jane").Subject
				if strings.ContainsAny(got, "\r\n") || got != strings.TrimSpace(got) || !strings.Contains(got, name) {
					t.Errorf("app %q: subject %q is not one trimmed line with the app's name", name, got)
				}
			}
		})
	}
}

func TestUnknownLanguageIsAnError(t *testing.T) {
	if message, err := load(t).Render("tlh", fullApp, "Jane"); err == nil || !strings.Contains(err.Error(), `"tlh"`) {
		t.Errorf("got %+v, error %v; want an error that names the language", message, err)
	}
}

package welcome

import (
	"flag"
	"html"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// render renders the mail and sees that no template left traces.
func render(t *testing.T, app App, name string) Message {
	t.Helper()
	message, err := app.Welcome(name)
	if err != nil {
		t.Fatalf("app %+v, name %q: %v", app, name, err)
	}
	for part, text := range map[string]string{"subject": message.Subject, "HTML": message.HTML, "text": message.Text} {
		for _, trace := range []string{"<no value>", "no value", "{{", "}}", "ZgotmplZ", "%!", "<nil>"} {
			if strings.Contains(text, trace) {
				t.Errorf("app %+v, name %q: the %s has %q:\n%s", app, name, part, trace, text)
			}
		}
	}
	return message
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	file = "testdata/" + file
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (rewrite with -update)\n got %s\nwant %s", file, got, want)
	}
}

func TestWelcomeMail(t *testing.T) {
	for golden, test := range map[string]struct {
		app  App
		name string
	}{
		"full":  {App{Name: "Our App", URL: "https://app.example.com/start?from=mail&lang=en"}, "José Ñandú"},
		"plain": {App{Name: "Our App"}, ""},
	} {
		t.Run(golden, func(t *testing.T) {
			message := render(t, test.app, test.name)
			checkGolden(t, golden+".subject.golden", message.Subject+"\n")
			checkGolden(t, golden+".html.golden", message.HTML)
			checkGolden(t, golden+".txt.golden", message.Text)
		})
	}
}

func TestMailWithoutURLHasNoLink(t *testing.T) {
	message := render(t, App{Name: "Our App"}, "Jane")
	for _, trace := range []string{"<a ", "href", "http"} {
		if strings.Contains(message.HTML, trace) || strings.Contains(message.Text, trace) {
			t.Errorf("a mail without URL has %q:\n%s\n%s", trace, message.HTML, message.Text)
		}
	}
}

func TestMailWithoutNameGreetsNobody(t *testing.T) {
	message := render(t, App{Name: "Our App"}, "")
	if !strings.Contains(message.HTML, ">Hello,<") || !strings.HasPrefix(message.Text, "Hello,\n") {
		t.Errorf("want a bare Hello:\n%s\n%s", message.HTML, message.Text)
	}
}

// The check of names is the first wall and this the second; of the app's name
// it is the only one.
func TestHostileTextIsEscapedInHTML(t *testing.T) {
	for _, hostile := range []string{
		`<script>alert("1")</script>`, `</title><img src=x onerror=alert(1)>`, `"><a href="https://casino.example">`,
		`Tom & Jerry's`, `&lt;b&gt;`, `</p></body>`, `{{.App.URL}} <b>`,
	} {
		message, err := (App{Name: hostile, URL: "https://app.example.com"}).Welcome(hostile)
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
		message, err := (App{Name: "Our App", URL: url}).Welcome("Jane")
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

func TestSubjectIsOneLine(t *testing.T) {
	for _, name := range []string{"Our App", "Café", strings.Repeat("App ", 16)} {
		if got := render(t, App{Name: name}, "Jane").Subject; strings.ContainsAny(got, "\r\n") || got != strings.TrimSpace(got) {
			t.Errorf("app %q: subject %q is not one trimmed line", name, got)
		}
	}
}

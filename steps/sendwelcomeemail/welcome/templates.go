package welcome

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"strings"
	"sync"
	texttemplate "text/template"

	"example.com/onboarding/steps/internal/locale"
)

//go:embed templates
var embedded embed.FS

const (
	layoutFile  = "layout.html"
	subjectFile = "subject.txt"
	htmlFile    = "welcome.html"
	textFile    = "welcome.txt"
)

// parts are what a language's welcome.html defines for the layout.
var parts = []string{"heading", "preheader", "greeting", "ready", "button", "reason"}

// Mail is the welcome mail in all its languages. Each is parsed when the first user
// needs it, because most functions on Lambda live for a few mails.
type Mail struct {
	languages map[string]func() (language, error)
}

type language struct {
	html *htmltemplate.Template
	text *texttemplate.Template
	// dir is the direction of writing: "ltr" or "rtl".
	dir string
}

// Load returns the mail of the templates that are built in.
func Load() (*Mail, error) {
	files, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, fmt.Errorf("open the built-in templates: %w", err)
	}
	return Open(files)
}

// Open returns the mail of layout.html and of a folder for each language, named by its
// language tag, such as "pt-BR", with the files subject.txt, welcome.html and
// welcome.txt. It does not read them: see Check.
func Open(files fs.FS) (*Mail, error) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("list languages: %w", err)
	}
	layout := sync.OnceValues(func() (*htmltemplate.Template, error) {
		return htmltemplate.New(layoutFile).Funcs(outlook).ParseFS(files, layoutFile)
	})
	m := &Mail{languages: make(map[string]func() (language, error))}
	for _, entry := range entries {
		tag := entry.Name()
		switch {
		case !entry.IsDir():
			continue
		case locale.Canonical(tag) != tag:
			return nil, fmt.Errorf("the name of the folder %q is no language tag like en or pt-BR", tag)
		}
		m.languages[tag] = sync.OnceValues(func() (language, error) { return parse(layout, files, tag) })
	}
	if _, ok := m.languages[fallback]; !ok {
		return nil, fmt.Errorf("no welcome mail in %q, the language to fall back to", fallback)
	}
	return m, nil
}

// Check renders each language, so that what is missing or misspelled is an error of a
// test, or of make preview, and not in a user's mail.
func (m *Mail) Check() error {
	for _, locale := range m.Locales() {
		l, err := m.languages[locale]()
		if err == nil {
			err = l.try(locale)
		}
		if err != nil {
			return fmt.Errorf("welcome mail in %q: %w", locale, err)
		}
	}
	return nil
}

func parse(layout func() (*htmltemplate.Template, error), files fs.FS, locale string) (l language, err error) {
	if l.text, err = texttemplate.ParseFS(files, locale+"/"+subjectFile, locale+"/"+textFile); err != nil {
		return l, fmt.Errorf("parse text: %w", err)
	}
	common, err := layout()
	if err != nil {
		return l, fmt.Errorf("parse layout: %w", err)
	}
	if l.html, err = common.Clone(); err != nil {
		return l, fmt.Errorf("copy layout: %w", err)
	}
	if _, err = l.html.ParseFS(files, locale+"/"+htmlFile); err != nil {
		return l, fmt.Errorf("parse HTML: %w", err)
	}
	for _, part := range parts {
		if t := l.html.Lookup(part); t == nil || strings.TrimSpace(t.Tree.Root.String()) == "" {
			return l, fmt.Errorf("%s does not define %q", htmlFile, part)
		}
	}
	l.dir, err = direction(l.html)
	return l, err
}

// direction returns what the template "dir" says.
func direction(t *htmltemplate.Template) (string, error) {
	var dir strings.Builder
	if err := t.ExecuteTemplate(&dir, "dir", nil); err != nil {
		return "", fmt.Errorf("read dir: %w", err)
	}
	if d := dir.String(); d != "ltr" && d != "rtl" {
		return "", fmt.Errorf("dir is %q, want ltr or rtl", d)
	}
	return dir.String(), nil
}

// try renders the mail with everything and with nothing that may be missing.
func (l language) try(locale string) error {
	for _, d := range []data{{App: App{Name: "App", URL: "https://app.example.com"}, Name: "Name"}, {App: App{Name: "App"}}} {
		d.Locale, d.Dir = locale, l.dir
		message, err := l.render(d)
		switch {
		case err != nil:
			return err
		case message.Subject == "" || strings.ContainsAny(message.Subject, "\r\n"):
			return fmt.Errorf("%s is not one line", subjectFile)
		case strings.TrimSpace(message.Text) == "":
			return fmt.Errorf("%s is empty", textFile)
		}
	}
	return nil
}

// outlook begins and ends what only Outlook for Windows reads: a table of fixed
// width, because it knows no max-width. It comes from functions, because
// html/template drops comments.
var outlook = htmltemplate.FuncMap{
	"outlookBegin": func() htmltemplate.HTML {
		return `<!--[if mso]><table role="presentation" align="center" width="560" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->`
	},
	"outlookEnd": func() htmltemplate.HTML { return `<!--[if mso]></td></tr></table><![endif]-->` },
}

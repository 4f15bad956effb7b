package welcome

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"strings"
	texttemplate "text/template"
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

// Mail is the welcome mail in all its languages.
type Mail struct {
	languages map[string]language
}

type language struct {
	html *htmltemplate.Template
	text *texttemplate.Template
	// dir is the direction of writing: "ltr" or "rtl".
	dir string
}

// Load parses the templates that are built in.
func Load() (*Mail, error) {
	files, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, fmt.Errorf("open the built-in templates: %w", err)
	}
	return Parse(files)
}

// Parse parses layout.html and a folder for each language, named by its language
// tag, such as "pt-BR", with the files subject.txt, welcome.html and welcome.txt.
// It renders each language once, so that what is missing or misspelled is an error
// here and not in a user's mail.
func Parse(files fs.FS) (*Mail, error) {
	layout, err := htmltemplate.New(layoutFile).Funcs(outlook).ParseFS(files, layoutFile)
	if err != nil {
		return nil, fmt.Errorf("parse layout: %w", err)
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("list languages: %w", err)
	}
	m := &Mail{languages: make(map[string]language)}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		if m.languages[entry.Name()], err = parseLanguage(layout, files, entry.Name()); err != nil {
			return nil, fmt.Errorf("welcome mail in %q: %w", entry.Name(), err)
		}
	}
	if _, ok := m.languages[fallback]; !ok {
		return nil, fmt.Errorf("no welcome mail in %q, the language to fall back to", fallback)
	}
	return m, nil
}

func parseLanguage(layout *htmltemplate.Template, files fs.FS, locale string) (l language, err error) {
	if canonical(locale) != locale {
		return l, errors.New("the folder's name is no language tag like en or pt-BR")
	}
	if l.text, err = texttemplate.ParseFS(files, locale+"/"+subjectFile, locale+"/"+textFile); err != nil {
		return l, fmt.Errorf("parse text: %w", err)
	}
	if l.html, err = layout.Clone(); err != nil {
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
	if l.dir, err = direction(l.html); err != nil {
		return l, err
	}
	return l, l.try(locale)
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

package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

// mail is one rendered mail.
type mail struct {
	Locale, Sample string
	Subject, Text  string
	// File is where its HTML is, in the folder of the page.
	File string
	// Button says that it is to have one.
	Button bool
}

// name names the mail and its pictures.
func (m mail) name() string { return m.Locale + "-" + m.Sample }

// samples are users and apps that put the layout to the test.
var samples = []struct {
	name string
	user string
	app  welcome.App
}{
	{"usual", "Jane Doe", welcome.App{Name: "Our App", URL: "https://app.example.com"}},
	{"nameless", "", welcome.App{Name: "Our App", URL: "https://app.example.com"}},
	{"plain", "José Ñandú", welcome.App{Name: "Our App"}},
	{"long", strings.Repeat("Wolfeschlegelsteinhausenberger", 2), welcome.App{
		Name: strings.Repeat("Donaudampfschiff", 4), URL: "https://app.example.com/" + strings.Repeat("path/", 20),
	}},
	{"arabic", "محمد علي", welcome.App{Name: "Our App", URL: "https://app.example.com"}},
	{"japanese", "山田 太郎", welcome.App{Name: "Our App", URL: "https://app.example.com"}},
}

// pictured is the sample whose pictures are compared.
const pictured = "usual"

// write renders every mail and the page that shows them.
func write(folder string) ([]mail, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("folder of the page: %w", err)
	}
	templates, err := welcome.Load()
	if err != nil {
		return nil, fmt.Errorf("load the templates: %w", err)
	}
	if err := templates.Check(); err != nil {
		return nil, fmt.Errorf("check the templates: %w", err)
	}
	var mails []mail
	for _, locale := range templates.Locales() {
		for _, s := range samples {
			message, err := templates.Render(locale, s.app, s.user)
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", locale, s.name, err)
			}
			m := mail{Locale: locale, Sample: s.name, Subject: message.Subject, Text: message.Text, Button: s.app.URL != ""}
			m.File = m.name() + ".html"
			if err := os.WriteFile(filepath.Join(folder, m.File), []byte(message.HTML), 0o644); err != nil {
				return nil, fmt.Errorf("write mail: %w", err)
			}
			mails = append(mails, m)
		}
	}
	return mails, writePage(filepath.Join(folder, "index.html"), mails)
}

//go:embed page.html
var page string

func writePage(file string, mails []mail) error {
	t, err := template.New("page").Parse(page)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	var text strings.Builder
	if err := t.Execute(&text, mails); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	return nil
}

// Package welcome writes the welcome mail.
package welcome

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
)

//go:embed templates
var files embed.FS

var (
	textTemplates = texttemplate.Must(texttemplate.ParseFS(files, "templates/*.txt"))
	htmlTemplates = htmltemplate.Must(htmltemplate.ParseFS(files, "templates/*.html"))
)

// App is the application that the mail welcomes to.
type App struct {
	// Name is in the subject and the text.
	Name string
	// URL is where the mail's button leads; without one the mail has no button.
	URL string
}

// Message is a rendered mail.
type Message struct {
	Subject, HTML, Text string
}

// Welcome renders the mail from the files in templates. The name is one to
// greet by, or empty: see Greeting.
func (a App) Welcome(name string) (Message, error) {
	data := struct {
		App  App
		Name string
	}{a, name}
	var subject, text, html strings.Builder
	if err := textTemplates.ExecuteTemplate(&subject, "subject.txt", data); err != nil {
		return Message{}, fmt.Errorf("render subject: %w", err)
	}
	if err := textTemplates.ExecuteTemplate(&text, "welcome.txt", data); err != nil {
		return Message{}, fmt.Errorf("render text: %w", err)
	}
	if err := htmlTemplates.ExecuteTemplate(&html, "welcome.html", data); err != nil {
		return Message{}, fmt.Errorf("render HTML: %w", err)
	}
	return Message{Subject: strings.TrimSpace(subject.String()), HTML: html.String(), Text: text.String()}, nil
}

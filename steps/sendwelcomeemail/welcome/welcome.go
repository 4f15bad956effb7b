// Package welcome writes the welcome mail: it chooses the language and the name to
// greet by, and renders subject, HTML and text.
//
// The mail has no List-Unsubscribe header. It is sent once, for something that its
// reader did, so there is nothing to unsubscribe from: Gmail asks for one-click
// unsubscribe in marketing and subscription messages, and does not count messages
// sent for an action of the user among them
// (https://support.google.com/a/answer/81126, https://support.google.com/a/answer/15263077).
//
// Nor does it tell auto-responders that it is automatic, by Auto-Submitted or
// X-Auto-Response-Suppress: SendEmail of SES's API v1 takes no headers. A raw mail,
// written with go-mail, makes the function's zip file 3.6 % larger, needs
// ses:SendRawEmail, and leaves the encoding to us; SendEmail of v2 makes it 4.5 %
// larger and has other errors to classify. What either would save is a rare answer,
// most of which go to SES, the envelope's sender, and not to an inbox
// (https://www.rfc-editor.org/rfc/rfc3834#section-4).
package welcome

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
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

// data is what the templates know.
type data struct {
	App App
	// Name may be empty.
	Name string
	// Locale and Dir are for the HTML attributes lang and dir.
	Locale, Dir string
}

// Locales returns the languages that the mail can be written in, sorted.
func (m *Mail) Locales() []string { return slices.Sorted(maps.Keys(m.languages)) }

// Render writes the mail in one of the languages of Locales. The name is one to
// greet by, or empty: see Greeting.
func (m *Mail) Render(locale string, app App, name string) (Message, error) {
	parsed, ok := m.languages[locale]
	if !ok {
		return Message{}, fmt.Errorf("the welcome mail has no language %q", locale)
	}
	l, err := parsed()
	if err != nil {
		return Message{}, err
	}
	return l.render(data{App: app, Name: name, Locale: locale, Dir: l.dir})
}

// template is what html/template and text/template have in common.
type template interface {
	ExecuteTemplate(w io.Writer, name string, data any) error
}

func (l language) render(d data) (Message, error) {
	var subject, html, text strings.Builder
	for _, part := range []struct {
		from template
		file string
		to   *strings.Builder
	}{{l.text, subjectFile, &subject}, {l.html, layoutFile, &html}, {l.text, textFile, &text}} {
		if err := part.from.ExecuteTemplate(part.to, part.file, d); err != nil {
			return Message{}, fmt.Errorf("render %s: %w", part.file, err)
		}
	}
	return Message{Subject: strings.TrimSpace(subject.String()), HTML: html.String(), Text: text.String()}, nil
}

package page

import (
	"fmt"
	"net/http"
	"regexp"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/record"
)

// mailed is a mail, and what became of it.
type mailed struct {
	feed.Event

	Fate Fate
}

// Fate is what became of a mail, in words; Failed if it did not reach somebody who wants
// it.
type Fate struct {
	Told   string
	Failed bool
}

func fateOf(r record.Receipt) Fate { return Fate{feed.Fate(r), feed.Failed(r)} }

// mailsOf are those of the events that are mails.
func (s *server) mailsOf(events []feed.Event) []mailed {
	var mails []mailed
	fates := feed.Fates(s.feed.Since(0, feed.Receipt))
	for _, e := range events {
		if e.Mail != nil {
			mails = append(mails, mailed{e, fateOf(fates[e.MessageID])})
		}
	}
	return mails
}

// mailPolicy lets a mail do what a mail program lets it: styles and pictures in it, and
// no script, no form, nothing from elsewhere.
const mailPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

// mailHTML answers with the HTML of a mail for a frame without rights: as a mail program
// in the scheme shows it, light or dark.
func (s *server) mailHTML(w http.ResponseWriter, r *http.Request) {
	e, err := s.mailed(r)
	if err != nil {
		showError(w, r, err)
		return
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, inScheme(e.Mail.HTML, r.PathValue("scheme")))
}

var prefers = regexp.MustCompile(`\(\s*prefers-color-scheme\s*:\s*(\w+)\s*\)`)

// inScheme has the mail's media queries find that scheme: a browser finds in a frame what
// its user prefers, and not what the page says of the frame.
func inScheme(mail, scheme string) string {
	return prefers.ReplaceAllStringFunc(mail, func(query string) string {
		if prefers.FindStringSubmatch(query)[1] == scheme {
			return "(min-width: 0px)" // true
		}
		return "(max-width: 0px)"
	})
}

package page

import (
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/onboarding/statemachine/dev/feed"
)

// gathering is how long events are gathered that the browser is told of together.
const gathering = 250 * time.Millisecond

// spoken are the kinds that are told in words, to a screen reader too: not each attempt
// that begins, nor each line of a log.
var spoken = []feed.Kind{
	feed.SignedUp, feed.Confirmed, feed.Started, feed.Redriven, feed.Ended, feed.AttemptSucceeded, feed.AttemptFailed, feed.Mailed, feed.Receipt, feed.Put,
}

// changes sends a server-sent event "change" when something has happened since the page was
// made, and "say" with what it was.
func (s *server) changes(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	id, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if err != nil || id > s.feed.Last() {
		id = 0 // the page is of a local AWS that has ended
	}
	send(w, "say", "connected")
	for control.Flush() == nil && s.feed.Wait(r.Context(), id) != nil {
		select {
		case <-time.After(gathering):
		case <-r.Context().Done():
			return
		}
		said := ""
		for _, e := range s.feed.Since(id) {
			id = e.ID
			if slices.Contains(spoken, e.Kind) {
				said = say(e)
			}
		}
		if said != "" {
			send(w, "say", said)
		}
		send(w, "change", "")
	}
}

// send sends an event. htmx puts the text into the page as HTML.
func send(w http.ResponseWriter, event, text string) {
	fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, html.EscapeString(strings.Join(strings.Fields(text), " ")))
}

// say tells an event in words.
func say(e feed.Event) string {
	switch e.Kind {
	case feed.SignedUp:
		return e.Username + " signed up"
	case feed.Confirmed:
		return outcome(e.Username+" confirmed", e)
	case feed.AttemptSucceeded:
		return e.State + " succeeded after " + e.Duration.Round(time.Millisecond).String()
	case feed.AttemptFailed:
		return outcome(fmt.Sprintf("%s failed, attempt %d", e.State, e.Attempt), e)
	case feed.Ended:
		return outcome("Execution "+strings.ToLower(e.Status), e)
	case feed.Mailed:
		return outcome(fmt.Sprintf("Mail %q to %s", e.Mail.Subject, e.Mail.To), e)
	case feed.Receipt:
		return "Mail to " + e.Username + " " + feed.Fate(e.Receipt)
	case feed.Put:
		return "Event " + e.DetailType
	}
	return strings.ToUpper(string(e.Kind[:1])) + string(e.Kind[1:])
}

func outcome(what string, e feed.Event) string {
	if e.Error != "" {
		what += ": " + e.Error
	}
	if e.Message != "" {
		what += ", " + e.Message
	}
	return what
}

package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/record"
)

// lines prints what happens on the local AWS, a line each.
type lines struct {
	w        io.Writer
	terminal bool

	mu sync.Mutex
	// users are the names that users signed up with, by sub.
	users map[string]string
}

func newLines(w io.Writer) *lines {
	return &lines{w: w, terminal: isTerminal(w), users: make(map[string]string)}
}

// told are the kinds of events that have a line.
var told = []feed.Kind{
	feed.SignedUp, feed.Confirmed, feed.AttemptSucceeded, feed.AttemptFailed, feed.Mailed, feed.Receipt, feed.Redriven, feed.Ended,
}

// event prints the line of an event.
func (l *lines) event(e feed.Event) {
	who := e.Username
	if e.Kind == feed.SignedUp {
		l.users[e.User] = e.Username
	}
	if e.Execution != "" {
		who = l.user(e.Execution)
	}
	took := e.Duration.Round(time.Millisecond)
	switch m := outcome(e); e.Kind {
	case feed.SignedUp:
		l.print(e.Time, m, "signed up", who+", sub "+e.User)
	case feed.Confirmed:
		l.print(e.Time, m, "confirmed", fmt.Sprintf("%s, Cognito had its answer after %v%s", who, took, because(e)))
	case feed.AttemptSucceeded:
		l.print(e.Time, m, e.State, fmt.Sprintf("%s, %safter %v: %s", who, attempt(e), took, feed.Brief(e.Result)))
	case feed.AttemptFailed:
		l.print(e.Time, m, e.State, fmt.Sprintf("%s, %safter %v%s", who, attempt(e), took, because(e)))
	case feed.Mailed:
		l.print(e.Time, m, "mail", fmt.Sprintf("%s, %q%s", e.Mail.To, e.Mail.Subject, because(e)))
	case feed.Receipt:
		if e.Receipt.Fate != record.Sent { // the line of the mail said so
			l.print(e.Time, m, "receipt", who+", "+feed.Fate(e.Receipt))
		}
	case feed.Redriven:
		l.print(e.Time, m, "redriven", who)
	case feed.Ended:
		l.print(e.Time, m, "execution", fmt.Sprintf("%s %s after %v%s", who, e.Status, took, because(e)))
	}
}

// user is who signed up with the sub that the name of the execution begins with.
func (l *lines) user(execution string) string {
	for sub, name := range l.users {
		if strings.HasPrefix(execution, sub) {
			return name
		}
	}
	return execution
}

func outcome(e feed.Event) mark {
	if e.Error != "" || e.Kind == feed.AttemptFailed || feed.Failed(e.Receipt) || e.Kind == feed.Ended && e.Status != "SUCCEEDED" {
		return bad
	}
	return markOf(e.Result)
}

// because is the error of the event, and what there is to say of it, in one line.
func because(e feed.Event) string {
	if e.Error == "" {
		return ""
	}
	text := ": " + e.Error
	if e.Message != "" {
		text += ", " + strings.Join(strings.Fields(e.Message), " ")
	}
	return text
}

func attempt(e feed.Event) string {
	if e.Attempt < 2 {
		return ""
	}
	return fmt.Sprintf("attempt %d, ", e.Attempt)
}

// built prints which functions run new code, or why the code cannot be built.
func (l *lines) built(functions []string, err error) {
	if err != nil {
		l.print(time.Now(), bad, "build", "the functions stay as they are: "+strings.TrimSpace(err.Error()))
		return
	}
	l.print(time.Now(), good, "build", "new code runs in "+strings.Join(functions, ", "))
}

func (l *lines) print(at time.Time, m mark, what, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if width := len(bad.word); l.terminal {
		fmt.Fprintf(l.w, "%s %s %-18s %s\n", at.Local().Format(time.TimeOnly), m.on(true), what, text)
	} else {
		fmt.Fprintf(l.w, "%s %-*s %-18s %s\n", at.Local().Format(time.TimeOnly), width+1, m.on(false), what, text)
	}
}

package page

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"time"

	"example.com/onboarding/statemachine/dev/feed"
)

// view is what a template shows.
type view struct {
	Template, Title string
	// Path is where the view is fetched again when something has changed.
	Path string
	// Since is the ID of the last event that it may show.
	Since    int64
	Settings Settings
	Data     any
}

//go:embed templates
var templates embed.FS

var parsed = template.Must(template.New("").Funcs(template.FuncMap{
	"clock": func(t time.Time) string { return t.Local().Format(time.TimeOnly) }, //nolint:gosmopolitan // whoever looks is on this machine
	"stamp": func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
	"round": func(d time.Duration) string { return d.Round(time.Millisecond).String() },
	"json":  indented,
	"say":   say,
	"brief": feed.Brief,
}).ParseFS(templates, "templates/*.html"))

// rendered answers with the view, or with what is wrong.
func (s *server) rendered(handle func(*http.Request) (view, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last := s.feed.Last()
		v, err := handle(r)
		if err != nil {
			showError(w, r, err)
			return
		}
		v.Path, v.Since, v.Settings = r.URL.RequestURI(), last, s.cloud.Settings()
		write(w, http.StatusOK, v)
	})
}

// acting does what a form asks for, and leads to the page that shows what came of it.
func acting(act func(*http.Request) (string, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
		path, err := act(r)
		if err != nil {
			showError(w, r, err)
			return
		}
		http.Redirect(w, r, path, http.StatusSeeOther)
	})
}

func showError(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadGateway
	if errors.Is(err, errNone) {
		status = http.StatusNotFound
	}
	write(w, status, view{Template: "error", Title: http.StatusText(status), Path: r.URL.RequestURI(), Data: err.Error()})
}

func write(w http.ResponseWriter, status int, v view) {
	var text bytes.Buffer
	if err := parsed.ExecuteTemplate(&text, v.Template+".html", v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(text.Bytes()) //nolint:errcheck // the browser may be gone
}

// indented is a value, or a text in JSON, as JSON to read.
func indented(value any) string {
	if text, ok := value.(string); ok {
		var b bytes.Buffer
		if json.Indent(&b, []byte(text), "", "  ") != nil {
			return text
		}
		return b.String()
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// most is how many lines, mails and executions a list has at the most.
const most = 200

// latest returns the last events, newest first.
func latest(events []feed.Event) []feed.Event {
	events = events[max(0, len(events)-most):]
	slices.Reverse(events)
	return events
}

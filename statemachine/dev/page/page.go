// Package page shows in a browser what is on the local AWS: users, executions, mails and
// logs, as they come, and does what one does to a workflow in development: sign up,
// deliver a confirmation again, refuse a service, redrive.
//
// It stands at the root of the local AWS's endpoint, and below /_/, which is no path of
// an AWS service; all other requests are calls of AWS, and pass by. It is rendered here;
// in the browser htmx (https://htmx.org) fetches what has changed when a server-sent
// event says so, dagre (https://github.com/dagrejs/dagre) lays out the definition, and
// Amplify signs up, as it does in an app.
//
// There is no sign-in. Whoever is on this machine may look; a page of another origin may
// not, nor one whose name was made to lead to this machine.
package page

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
)

// errNone says that there is no such user, execution or mail.
var errNone = errors.New("there is none")

// cloud is what the page shows, and does.
type cloud interface {
	Settings() Settings
	Users(context.Context) ([]User, error)
	Executions(context.Context) ([]Execution, error)
	// Profile, and the others that are about one thing, return errNone if it is missing.
	Profile(ctx context.Context, sub string) (Profile, error)
	Execution(ctx context.Context, name string) (Run, error)
	Functions() []string

	Deliver(ctx context.Context, sub string) error
	Redrive(ctx context.Context, name string) error
	Refuse(ctx context.Context, service string) error
}

// Settings are what the page and its script have to know of the local AWS.
type Settings struct {
	Endpoint, Pool, Client string
	// Refused is the service that is refused; empty if none is.
	Refused string
}

type server struct {
	cloud cloud
	feed  *feed.Feed
	next  http.Handler
	pages http.Handler
}

// Around returns the page before the handler next, which gets the calls of AWS.
func Around(next http.Handler, a *local.AWS, events *feed.Feed) http.Handler {
	return around(next, newBackend(a, events), events)
}

func around(next http.Handler, c cloud, events *feed.Feed) http.Handler {
	s := &server{cloud: c, feed: events, next: next}
	routes := http.NewServeMux()
	for pattern, handle := range map[string]func(*http.Request) (view, error){
		"GET /{$}":                 s.overview,
		"GET /_/users/{sub}":       s.user,
		"GET /_/executions/{name}": s.execution,
		"GET /_/mails/{id}":        s.mail,
		"GET /_/logs":              s.logs,
	} {
		routes.Handle(pattern, s.rendered(handle))
	}
	for pattern, act := range map[string]func(*http.Request) (string, error){
		"POST /_/users/{sub}/deliver":       s.deliver,
		"POST /_/executions/{name}/redrive": s.redrive,
		"POST /_/refuse":                    s.refuse,
	} {
		routes.Handle(pattern, acting(act))
	}
	routes.HandleFunc("GET /_/mails/{id}/{scheme}", s.mailHTML)
	routes.HandleFunc("GET /_/changes", s.changes)
	routes.Handle("GET /_/assets/", assets())
	s.pages = guard(routes)
	return s
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isPage(r) {
		s.pages.ServeHTTP(w, r)
		return
	}
	s.next.ServeHTTP(w, r)
}

// isPage reports whether the request is for the page, and no call of AWS. A GET of the
// root is one of S3, say: it is signed then, and asks for no HTML. htmx does not say that
// it asks for that.
func isPage(r *http.Request) bool {
	if r.URL.Path == "/" {
		return r.Method == http.MethodGet && r.Header.Get("Authorization") == "" &&
			(strings.Contains(r.Header.Get("Accept"), "text/html") || r.Header.Get("HX-Request") != "") && !r.URL.Query().Has("Action")
	}
	return strings.HasPrefix(r.URL.Path, "/_/")
}

func (s *server) overview(r *http.Request) (view, error) {
	users, err := s.cloud.Users(r.Context())
	if err != nil {
		return view{}, err
	}
	executions, err := s.cloud.Executions(r.Context())
	if err != nil {
		return view{}, err
	}
	name(users, executions)
	return view{Template: "overview", Title: "Local AWS", Data: map[string]any{
		"Users": users, "Executions": executions, "Mails": s.mailsOf(latest(s.feed.Since(0, feed.Mailed))),
		"Happened": latest(s.feed.Since(0, spoken...)), "Refusable": local.Refusable,
	}}, nil
}

func (s *server) user(r *http.Request) (view, error) {
	p, err := s.cloud.Profile(r.Context(), r.PathValue("sub"))
	if err != nil {
		return view{}, err
	}
	executions, err := s.cloud.Executions(r.Context())
	if err != nil {
		return view{}, err
	}
	var mails, events []feed.Event
	for _, e := range latest(s.feed.Since(0, feed.Mailed, feed.Put)) {
		switch {
		case e.Mail != nil && strings.EqualFold(e.Mail.To, p.Email):
			mails = append(mails, e)
		case e.Kind == feed.Put && strings.Contains(e.Message, p.Sub):
			events = append(events, e)
		}
	}
	return view{Template: "user", Title: p.Name(), Data: map[string]any{
		"Delivered": r.URL.Query().Has("delivered"), "Profile": p, "Executions": of(p.User, executions), "Mails": s.mailsOf(mails), "Events": events,
	}}, nil
}

func (s *server) execution(r *http.Request) (view, error) {
	run, err := s.cloud.Execution(r.Context(), r.PathValue("name"))
	if err != nil {
		return view{}, err
	}
	return view{Template: "execution", Title: "Execution " + run.Name, Data: run}, nil
}

func (s *server) logs(r *http.Request) (view, error) {
	chosen := r.URL.Query().Get("function")
	var lines []feed.Event
	for _, e := range latest(s.feed.Since(0, feed.Logged)) {
		if chosen == "" || e.Function == chosen {
			lines = append(lines, e)
		}
	}
	return view{Template: "logs", Title: "Logs", Data: map[string]any{
		"Functions": s.cloud.Functions(), "Chosen": chosen, "Lines": lines,
	}}, nil
}

func (s *server) mail(r *http.Request) (view, error) {
	e, err := s.mailed(r)
	if err != nil {
		return view{}, err
	}
	return view{Template: "mail", Title: e.Mail.Subject, Data: s.mailsOf([]feed.Event{e})[0]}, nil
}

// mailed returns the event of the mail that the path names.
func (s *server) mailed(r *http.Request) (feed.Event, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return feed.Event{}, errNone
	}
	events := s.feed.Since(id-1, feed.Mailed)
	if len(events) == 0 || events[0].ID != id {
		return feed.Event{}, errNone
	}
	return events[0], nil
}

// deliver, redrive and refuse return the path of the page that shows what came of it.

func (s *server) deliver(r *http.Request) (string, error) {
	sub := r.PathValue("sub")
	return "/_/users/" + url.PathEscape(sub) + "?delivered", s.cloud.Deliver(r.Context(), sub)
}

func (s *server) redrive(r *http.Request) (string, error) {
	name := r.PathValue("name")
	return "/_/executions/" + url.PathEscape(name), s.cloud.Redrive(r.Context(), name)
}

func (s *server) refuse(r *http.Request) (string, error) {
	return "/", s.cloud.Refuse(r.Context(), r.FormValue("service"))
}

package page

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

// fake is a cloud with one user, who is called something evil, and one execution.
type fake struct {
	err  error
	done []string // what was done
}

const evil = `<script>alert("1")</script>`

var evilUser = User{Sub: "sub-1", Username: evil, Email: evil, Status: evil, Attributes: []Attribute{{"name", evil}}}

func (*fake) Settings() Settings { return Settings{Pool: evil, Client: evil, Refused: evil} }

func (f *fake) Users(context.Context) ([]User, error) { return []User{evilUser}, f.err }

func (f *fake) Executions(context.Context) ([]Execution, error) {
	return []Execution{{Name: "sub-1", Status: "FAILED"}}, f.err
}

func (f *fake) Profile(_ context.Context, sub string) (Profile, error) {
	if sub != evilUser.Sub {
		return Profile{}, errNone
	}
	return Profile{User: evilUser, Groups: []string{evil}, Item: map[string]any{"name": evil}, Record: map[string]any{"note": evil}, Fate: Fate{Told: evil}}, f.err
}

func (f *fake) Execution(_ context.Context, name string) (Run, error) {
	if name != "sub-1" {
		return Run{}, errNone
	}
	return Run{
		Execution: Execution{Name: name, User: evil, Sub: "sub-1", Status: "FAILED", Error: evil, Message: evil, Redrivable: true},
		Attempts:  []feed.Event{{Kind: feed.AttemptFailed, State: evil, Error: evil, Message: evil}, {Kind: feed.AttemptSucceeded, Result: []byte(`{"status":"` + strings.ReplaceAll(evil, `"`, `\"`) + `"}`)}},
		Graph:     Graph{Nodes: []Node{{ID: evil, Lines: []string{evil}}}}, Input: evil, Output: evil,
	}, f.err
}

func (*fake) Functions() []string { return []string{evil} }

func (f *fake) Deliver(_ context.Context, sub string) error { return f.do("deliver " + sub) }

func (f *fake) Redrive(_ context.Context, name string) error { return f.do("redrive " + name) }

func (f *fake) Refuse(_ context.Context, service string) error { return f.do("refuse " + service) }

func (f *fake) do(what string) error {
	f.done = append(f.done, what)
	return f.err
}

// newPage returns the page of a fake, before an AWS that answers "AWS".
func newPage() (http.Handler, *fake, *feed.Feed) {
	f, events := new(fake), new(feed.Feed)
	aws := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "AWS") }) //nolint:errcheck // a recorder takes everything
	return around(aws, f, events), f, events
}

// request is one that a browser on this machine makes.
func request(method, path string, change func(*http.Request)) *http.Request {
	r := httptest.NewRequest(method, "http://127.0.0.1:9000"+path, nil)
	r.Header.Set("Accept", "text/html,*/*")
	if change != nil {
		change(r)
	}
	return r
}

func answer(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestCallsOfAWSPassBy(t *testing.T) {
	h, _, _ := newPage()
	for name, test := range map[string]struct {
		request *http.Request
		aws     bool
	}{
		"a browser":                 {request("GET", "/", nil), false},
		"htmx":                      {request("GET", "/", func(r *http.Request) { r.Header.Set("Accept", "*/*"); r.Header.Set("HX-Request", "true") }), false},
		"a call in a JSON protocol": {request("POST", "/", header("X-Amz-Target", "AWSStepFunctions.ListExecutions")), true},
		"a form":                    {request("POST", "/", header("Content-Type", "application/x-www-form-urlencoded")), true},
		"a preflight":               {request("OPTIONS", "/", header("Origin", "http://localhost:5173")), true},
		"an app of another origin":  {request("POST", "/", header("Origin", "http://localhost:5173")), true},
		"S3":                        {request("GET", "/", header("Accept", "*/*")), true},
		"S3, signed":                {request("GET", "/", header("Authorization", "AWS4-HMAC-SHA256 Credential=…")), true},
		"a query in the address":    {request("GET", "/?Action=ListQueues", nil), true},
		"Lambda":                    {request("POST", "/2015-03-31/functions/f/invocations", nil), true},
		"by the name of a service":  {request("POST", "/", func(r *http.Request) { r.Host = "ses.us-east-1.amazonaws.com" }), true},
	} {
		if got := answer(h, test.request); (got.Body.String() == "AWS") != test.aws || got.Code != http.StatusOK {
			t.Errorf("%s: passed by %t, want %t; answered %d", name, !test.aws, test.aws, got.Code)
		}
	}
}

func TestOthersAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*http.Request)
		get    int
		post   int
	}{
		"the page":                      {header("Origin", "http://127.0.0.1:9000"), 200, 303},
		"curl":                          {nil, 200, 303},
		"an address that is entered":    {header("Sec-Fetch-Site", "none"), 200, 303},
		"another origin":                {header("Origin", "http://evil.example"), 403, 403},
		"another port":                  {header("Origin", "http://127.0.0.1:9001"), 403, 403},
		"no origin to tell":             {header("Origin", "null"), 403, 403},
		"a link from elsewhere":         {header("Sec-Fetch-Site", "cross-site"), 200, 403},
		"another port, by its site":     {header("Sec-Fetch-Site", "same-site"), 200, 403},
		"a name that leads here":        {func(r *http.Request) { r.Host = "evil.example:9000" }, 403, 403},
		"that, with its origin":         {func(r *http.Request) { r.Host = "evil.example"; r.Header.Set("Origin", "http://evil.example") }, 403, 403},
		"a name that begins like this":  {func(r *http.Request) { r.Host = "127.0.0.1.evil.example:9000" }, 403, 403},
		"localhost":                     {func(r *http.Request) { r.Host = "localhost:9000" }, 200, 303},
		"the address in the new format": {func(r *http.Request) { r.Host = "[::1]:9000" }, 200, 303},
	} {
		for _, path := range []string{"/", "/_/changes", "/_/users/sub-1", "/_/assets/page.js"} {
			h, _, _ := newPage()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond) // ends the events
			if got := answer(h, request("GET", path, test.change).WithContext(ctx)).Code; got != test.get {
				t.Errorf("%s gets %d of %s, want %d", name, got, path, test.get)
			}
			cancel()
		}
		for _, path := range []string{"/_/users/sub-1/deliver", "/_/executions/sub-1/redrive", "/_/refuse"} {
			h, f, _ := newPage()
			got := answer(h, request("POST", path, test.change)).Code
			if got != test.post || (len(f.done) == 1) != (test.post == http.StatusSeeOther) {
				t.Errorf("%s gets %d for %s, want %d; done: %v", name, got, path, test.post, f.done)
			}
		}
	}
}

func TestOnlyAPostChangesSomething(t *testing.T) {
	h, f, _ := newPage()
	for _, path := range []string{"/_/users/sub-1/deliver", "/_/executions/sub-1/redrive", "/_/refuse?service=ses"} {
		if got := answer(h, request("GET", path, nil)).Code; got == http.StatusOK || got == http.StatusSeeOther {
			t.Errorf("GET %s: %d", path, got)
		}
	}
	if f.done != nil {
		t.Errorf("done: %v", f.done)
	}
}

func TestWhatUsersSayIsText(t *testing.T) { synctest.Test(t, checkWhatUsersSay) }

// checkWhatUsersSay runs on a fake clock: what has changed is told until the reader is gone.
func checkWhatUsersSay(t *testing.T) {
	h, _, events := newPage()
	mail := local.Mail{From: evil, To: evil, Subject: evil, Text: evil, HTML: evil}
	events.Publish(feed.Event{Kind: feed.Mailed, Mail: &mail, Error: evil})
	events.Publish(feed.Event{Kind: feed.SignedUp, Username: evil})
	events.Publish(feed.Event{Kind: feed.Receipt, Username: evil, Receipt: record.Receipt{Bounce: evil}})
	events.Publish(feed.Event{Kind: feed.Put, DetailType: evil, Source: evil, Message: `"sub-1 ` + evil + `"`})
	events.Publish(feed.Event{Kind: feed.Logged, Function: evil, Message: evil})
	events.Publish(feed.Event{Kind: feed.AttemptFailed, State: evil, Error: evil, Message: evil})
	for _, path := range []string{"/", "/_/users/sub-1", "/_/executions/sub-1", "/_/mails/1", "/_/logs", "/_/logs?function=%3Cscript%3E", "/_/changes"} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		got := answer(h, request("GET", path, nil).WithContext(ctx))
		cancel()
		if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "&lt;script") && path != "/_/logs?function=%3Cscript%3E" {
			t.Errorf("%s: %d, without what users say:\n%s", path, got.Code, got.Body)
		}
		if strings.Contains(got.Body.String(), "<script>") {
			t.Errorf("%s has a script of a user:\n%s", path, got.Body)
		}
		if csp := got.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

func TestHTMLOfAMailHasNoRights(t *testing.T) {
	h, _, events := newPage()
	events.Publish(feed.Event{Kind: feed.Mailed, Mail: &local.Mail{HTML: evil + `<style>@media (prefers-color-scheme: dark) {}</style>`}})
	for scheme, want := range map[string]string{"dark": "(min-width: 0px)", "light": "(max-width: 0px)"} {
		got := answer(h, request("GET", "/_/mails/1/"+scheme, nil))
		if csp := got.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox; default-src 'none'") || strings.Contains(csp, "script") {
			t.Errorf("policy %q", csp)
		}
		if body := got.Body.String(); !strings.Contains(body, want) || !strings.Contains(body, evil) {
			t.Errorf("%s: %s", scheme, body)
		}
	}
}

func TestWhatIsMissingOrFailsIsSaid(t *testing.T) {
	h, f, events := newPage()
	events.Publish(feed.Event{Kind: feed.Logged})
	events.Publish(feed.Event{Kind: feed.Mailed, Mail: new(local.Mail)})
	for _, path := range []string{"/_/users/nobody", "/_/executions/none", "/_/mails/1", "/_/mails/x", "/_/mails/0/dark", "/_/assets/page.go", "/_/assets/bundle.mjs", "/_/nothing"} {
		if got := answer(h, request("GET", path, nil)); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, got.Code)
		}
	}
	f.err = errors.New("the cloud is " + evil)
	for _, r := range []*http.Request{request("GET", "/", nil), request("GET", "/_/users/sub-1", nil), request("POST", "/_/refuse", nil)} {
		got := answer(h, r)
		if body := got.Body.String(); got.Code != http.StatusBadGateway || !strings.Contains(body, "the cloud is &lt;") {
			t.Errorf("%s: %d\n%s", r.URL, got.Code, body)
		}
	}
}

func TestFormsLeadToWhatCameOfThem(t *testing.T) {
	for path, want := range map[string]struct{ done, to string }{
		"/_/users/sub-1/deliver":      {"deliver sub-1", "/_/users/sub-1?delivered"},
		"/_/executions/sub-1/redrive": {"redrive sub-1", "/_/executions/sub-1"},
		"/_/refuse?service=ses":       {"refuse ses", "/"},
		"/_/refuse":                   {"refuse ", "/"},
	} {
		h, f, _ := newPage()
		got := answer(h, request("POST", path, nil))
		if to := got.Header().Get("Location"); to != want.to || len(f.done) != 1 || f.done[0] != want.done {
			t.Errorf("%s: done %q, leads to %s; want %+v", path, f.done, to, want)
		}
	}
}

func TestChangesAreTold(t *testing.T) {
	for since, want := range map[string]string{
		"1": "say: connected|say: after signed up|change: ",  // what the page shows already is not told
		"9": "say: connected|say: before signed up|change: ", // the page is of another run
		"":  "say: connected|say: before signed up|change: ",
	} {
		h, _, events := newPage()
		server := httptest.NewServer(h)
		events.Publish(feed.Event{Kind: feed.SignedUp, Username: "before"})
		client := http.Client{Timeout: 10 * time.Second}
		resp, err := client.Get(server.URL + "/_/changes?since=" + since)
		if err != nil {
			t.Fatal(err)
		}
		if since == "1" {
			events.Publish(feed.Event{Kind: feed.SignedUp, Username: "after"})
		}
		var got []string
		lines := bufio.NewScanner(resp.Body)
		for len(got) < 3 && lines.Scan() {
			if event, found := strings.CutPrefix(lines.Text(), "event: "); found && lines.Scan() {
				got = append(got, event+strings.TrimPrefix(lines.Text(), "data"))
			}
		}
		if told := strings.Join(got, "|"); told != want {
			t.Errorf("since %q: %s, want %s", since, told, want)
		}
		resp.Body.Close() //nolint:errcheck // it has been read
		server.Close()
	}
}

func TestMailsSayWhatBecameOfThem(t *testing.T) {
	h, _, events := newPage()
	for id, bounce := range map[string]string{"m-1": "Permanent/General", "m-2": ""} {
		fate := record.Delivered
		if bounce != "" {
			fate = record.Bounced
		}
		events.Publish(feed.Event{Kind: feed.Receipt, Receipt: record.Receipt{Fate: fate, Message: id, Bounce: bounce}})
	}
	for id, want := range map[string]string{
		"m-1": ` data-status="FAILED">bounced Permanent/General<`, "m-2": ">delivered<", "m-3": ">not told<",
	} {
		events.Publish(feed.Event{Kind: feed.Mailed, Mail: new(local.Mail), MessageID: id})
		for _, path := range []string{"/", fmt.Sprintf("/_/mails/%d", events.Last())} {
			if got := answer(h, request("GET", path, nil)).Body.String(); !strings.Contains(got, want) {
				t.Errorf("%s of %s does not say %s:\n%s", path, id, want, got)
			}
		}
	}
}

package gateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/dev/internal/gateway"
	"example.com/onboarding/statemachine/dev/internal/lambda"
)

// localAWS is a gateway with a backend and an engine behind it.
type localAWS struct {
	gateway         *gateway.Gateway
	backend, engine *server
	config          aws.Config
	host            string
	functions       *lambda.Service
	lines           chan string
}

func start(t *testing.T) *localAWS {
	t.Helper()
	l := &localAWS{backend: serve(t), engine: serve(t), lines: make(chan string, 100)}
	l.functions = lambda.NewService(func(_, line string) { l.lines <- line })
	t.Cleanup(l.functions.Close)
	l.gateway = gateway.New(l.functions, l.backend.url(t), l.engine.url(t))
	front := httptest.NewServer(l.gateway)
	t.Cleanup(front.Close)
	l.host = strings.TrimPrefix(front.URL, "http://")
	l.config = aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(front.URL),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDTEST", "secret", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
	return l
}

func (l *localAWS) cognito() *cognitoidentityprovider.Client {
	return cognitoidentityprovider.NewFromConfig(l.config)
}

// getUser makes a signed call of Cognito.
func (l *localAWS) getUser(t *testing.T) {
	t.Helper()
	_, err := l.cognito().AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{
		UserPoolId: aws.String("eu-west-1_pool"), Username: aws.String("ann@example.com"),
	})
	if err != nil {
		t.Fatalf("get user: %v", err)
	}
}

// confirmSignUp makes an unsigned call of Cognito.
func (l *localAWS) confirmSignUp(t *testing.T) (*cognitoidentityprovider.ConfirmSignUpOutput, error) {
	t.Helper()
	return l.cognito().ConfirmSignUp(t.Context(), &cognitoidentityprovider.ConfirmSignUpInput{
		ClientId: aws.String("client"), Username: aws.String("ann@example.com"), ConfirmationCode: aws.String("123456"),
	})
}

// post makes a call without an SDK; its answer has been read.
func (l *localAWS) post(t *testing.T, path string, body io.Reader, header http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.host+path, body)
	if err != nil {
		t.Fatalf("request of %s: %v", path, err)
	}
	for key := range header {
		req.Header.Set(key, header.Get(key))
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("post %s: %v", path, err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatalf("answer of %s: %v", path, err)
	}
	return resp
}

// wantReached checks what actions reached a server.
func (l *localAWS) wantReached(t *testing.T, s *server, want ...string) {
	t.Helper()
	var got []string
	for _, r := range s.requests() {
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		got = append(got, action)
	}
	if !slices.Equal(got, want) {
		t.Errorf("actions that reached the server = %q; want %q", got, want)
	}
}

// wantStatus checks what was recorded as the answer of the only call.
func (l *localAWS) wantStatus(t *testing.T, action string, want int) {
	t.Helper()
	calls := l.gateway.Calls(all)
	if len(calls) != 1 || calls[0].Action != action || calls[0].Status != want {
		t.Errorf("calls = %+v; want one of %s with status %d", calls, action, want)
	}
}

// server stands for moto or Step Functions Local, and keeps what it is asked.
type server struct {
	server *httptest.Server
	// answer writes the answer; without it, that is an empty object.
	answer func(http.ResponseWriter)

	mu   sync.Mutex
	seen []request
}

type request struct {
	*http.Request

	body []byte
}

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{answer: func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		io.WriteString(w, `{}`) //nolint:errcheck // the test sees what arrives
	}}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("body at the server: %v", err)
		}
		s.mu.Lock()
		s.seen = append(s.seen, request{r, body})
		s.mu.Unlock()
		s.answer(w)
	}))
	t.Cleanup(s.server.Close)
	return s
}

func (s *server) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func (s *server) url(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatalf("address of the server: %v", err)
	}
	return u
}

// confirmer is a gateway.Confirmer that answers as it is told.
type confirmer struct {
	before, after error

	mu    sync.Mutex
	asked []string
}

func startWithUsers(t *testing.T, before, after error) (*localAWS, *confirmer) {
	t.Helper()
	l, users := start(t), &confirmer{before: before, after: after}
	l.gateway.Users = users
	return l, users
}

func (c *confirmer) Before(_ context.Context, call gateway.Call) error {
	c.note("before " + call.Action)
	return c.before
}

func (c *confirmer) After(_ context.Context, call gateway.Call) error {
	c.note("after " + call.Action)
	return c.after
}

func (c *confirmer) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, what)
}

func (c *confirmer) wantAsked(t *testing.T, want ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Equal(c.asked, want) {
		t.Errorf("the confirmer was asked %q; want %q", c.asked, want)
	}
}

// completer is a gateway.Completer that answers as it is told.
type completer struct {
	body []byte
	err  error
}

func (c completer) Complete(context.Context, gateway.Call) ([]byte, error) { return c.body, c.err }

func all(gateway.Call) bool { return true }

func wantAPIError(t *testing.T, err error, code, message string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("error = %v; want an API error %s", err, code)
	}
	if api.ErrorCode() != code || api.ErrorMessage() != message {
		t.Errorf("API error = %s %q; want %s %q", api.ErrorCode(), api.ErrorMessage(), code, message)
	}
}

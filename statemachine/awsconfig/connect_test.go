package awsconfig_test

import (
	"bytes"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/awsconfig"
)

// endpoint is Step Functions with TLS. It counts the connections, those that
// resumed a TLS session, and the requests by method.
type endpoint struct {
	*httptest.Server
	connections, resumed, gets, posts atomic.Int32
	// dying is how many connections end when a second request arrives on them,
	// without an answer, as a stale one does.
	dying atomic.Int32

	mu   sync.Mutex
	used map[string]bool
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	e := &endpoint{used: make(map[string]bool)}
	e.Server = httptest.NewUnstartedServer(e)
	e.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	e.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			e.connections.Add(1)
		}
	}
	e.StartTLS()
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	used := e.used[r.RemoteAddr]
	e.used[r.RemoteAddr] = true
	e.mu.Unlock()
	if used && e.dying.Add(-1) >= 0 {
		panic(http.ErrAbortHandler)
	}
	if !used && r.TLS != nil && r.TLS.DidResume {
		e.resumed.Add(1)
	}
	if r.Method == http.MethodGet {
		e.gets.Add(1)
		http.Error(w, "no such operation", http.StatusNotFound)
		return
	}
	e.posts.Add(1)
	io.WriteString(w, `{"executionArn":"arn","startDate":1}`) //nolint:errcheck // the client would notice
}

// config trusts the endpoint, as a function trusts AWS by the system's certificates.
func (e *endpoint) config(options ...func(*http.Transport)) aws.Config {
	roots := x509.NewCertPool()
	roots.AddCert(e.Certificate())
	cfg := awsconfig.New(environment(map[string]string{"AWS_ENDPOINT_URL": e.URL}), limits)
	cfg.HTTPClient = awsconfig.HTTPClient(limits.AttemptTimeout, append(options,
		func(t *http.Transport) { t.TLSClientConfig.RootCAs = roots })...)
	return cfg
}

func startExecution(t *testing.T, cfg aws.Config) {
	t.Helper()
	_, err := sfn.NewFromConfig(cfg).StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String("arn")})
	if err != nil {
		t.Errorf("StartExecution: %v", err)
	}
}

// connect returns what was logged.
func connect(cfg aws.Config, services ...awsconfig.Service) string {
	var log bytes.Buffer
	awsconfig.Connect(cfg, slog.New(slog.NewTextHandler(&log, nil)), services...)
	return log.String()
}

// connected opens a connection, of which there is none yet, and returns how many were
// made: more than one where the machine stalled for longer than Connect waits.
func (e *endpoint) connected(t *testing.T, cfg aws.Config) int32 {
	t.Helper()
	var log string
	for range 5 {
		before := e.connections.Load()
		if log = connect(cfg, awsconfig.StepFunctions); log == "" {
			if now := e.connections.Load(); now != before+1 {
				t.Fatalf("%d connections were opened, want 1", now-before)
			}
			return before + 1
		}
	}
	t.Fatalf("logged %s", log)
	return 0
}

func TestFirstCallFindsTheConnectionOpen(t *testing.T) {
	e := newEndpoint(t)
	cfg := e.config()
	before := e.connected(t, cfg)
	startExecution(t, cfg)
	if more := e.connections.Load() - before; more != 0 || e.posts.Load() != 1 {
		t.Errorf("%d more connections and %d calls, want none and 1", more, e.posts.Load())
	}
}

func TestStaleConnectionCostsOneReconnect(t *testing.T) {
	e := newEndpoint(t)
	cfg := e.config()
	before := e.connected(t, cfg)
	e.dying.Store(1)
	startExecution(t, cfg)
	if more := e.connections.Load() - before; more != 1 || e.posts.Load() != 1 || e.resumed.Load() != 1 {
		t.Errorf("%d more connections, %d calls, %d sessions resumed; want one of each", more, e.posts.Load(), e.resumed.Load())
	}
}

func TestConnectionIsNotUsedAfterALongFreeze(t *testing.T) {
	e := newEndpoint(t)
	var idle time.Duration
	cfg := e.config(func(t *http.Transport) {
		idle = t.IdleConnTimeout
		t.IdleConnTimeout = time.Nanosecond
	})
	before := e.connected(t, cfg)
	startExecution(t, cfg)
	if more := e.connections.Load() - before; more != 1 || e.resumed.Load() != 1 {
		t.Errorf("%d more connections, %d sessions resumed; want one of each", more, e.resumed.Load())
	}
	if idle <= 0 || idle > time.Minute {
		t.Errorf("a connection is kept for %v, want a minute at most, as load balancers do", idle)
	}
}

func TestFailureToConnectIsHarmless(t *testing.T) {
	e := newEndpoint(t)
	untrusted := e.config()
	untrusted.HTTPClient = awsconfig.HTTPClient(limits.AttemptTimeout)
	malformed := e.config()
	malformed.BaseEndpoint = aws.String("https://%")
	closed := e.config()
	closed.BaseEndpoint = aws.String("https://127.0.0.1:1")
	for name, cfg := range map[string]aws.Config{"untrusted": untrusted, "malformed": malformed, "closed": closed, "hanging": hanging(t, e)} {
		t.Run(name, func(t *testing.T) {
			if log := connect(cfg, awsconfig.StepFunctions); !strings.Contains(log, `msg="no connection beforehand" service=states error=`) {
				t.Errorf("log %q", log)
			}
			cfg.BaseEndpoint, cfg.HTTPClient = &e.URL, e.config().HTTPClient
			startExecution(t, cfg)
		})
	}
}

// hanging is the configuration for an endpoint that takes connections and says
// nothing.
func hanging(t *testing.T, e *endpoint) aws.Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() }) //nolint:errcheck // nothing is lost
	cfg := e.config()
	cfg.BaseEndpoint = aws.String("https://" + listener.Addr().String())
	return cfg
}

func TestLocalAWSGetsNoRequestBeforehand(t *testing.T) {
	e := newEndpoint(t)
	plain := httptest.NewServer(e)
	t.Cleanup(plain.Close)
	cfg := e.config()
	cfg.BaseEndpoint = &plain.URL
	if log := connect(cfg, awsconfig.StepFunctions, awsconfig.DynamoDB); log != "" || e.gets.Load() != 0 {
		t.Errorf("%d requests, log %q; want none", e.gets.Load(), log)
	}
}

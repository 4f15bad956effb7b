package main

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"go.yaml.in/yaml/v3"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/awsconfig"
)

// sendingTo is the step with the client that main makes, for an SES at the address.
func sendingTo(t *testing.T, url string) *SendWelcomeEmail {
	t.Helper()
	return sendingBy(t, connecting{awsconfig.HTTPClient(sendTimeout)}, url)
}

func sendingBy(t *testing.T, client connecting, url string) *SendWelcomeEmail {
	t.Helper()
	step := newStep(t, jane(), nil, emptyTable(t))
	step.Mails = ses.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, once(client))
	return step
}

const accepted = `<SendEmailResponse><SendEmailResult><MessageId>message-1</MessageId></SendEmailResult></SendEmailResponse>`

// accepting is an SES that takes each mail, and the number of its connections; it is not
// started.
func accepting(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	connections := new(atomic.Int32)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, accepted) }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	t.Cleanup(server.Close)
	return server, connections
}

// A mail whose connection breaks is not lost, so that connections may be kept.
func TestConnectionIsUsedAgain(t *testing.T) {
	server, connections := accepting(t)
	server.Start()
	step := sendingTo(t, server.URL)
	for _, sub := range []string{user, "4f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"} {
		result, err := deliver(t, step, sub)
		if err != nil || result.MessageID != "message-1" {
			t.Errorf("%s: %+v, error %v; want it sent", sub, result, err)
		}
	}
	if got := connections.Load(); got != 1 {
		t.Errorf("%d connections for two mails", got)
	}
}

func TestFirstMailFindsTheConnectionOpen(t *testing.T) {
	server, connections := accepting(t)
	server.StartTLS()
	trusting := func(transport *http.Transport) {
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	}
	client := connecting{awsconfig.HTTPClient(sendTimeout, trusting)}
	var log bytes.Buffer
	for range 5 { // it gives up after a second, for which a machine may stall
		log.Reset()
		awsconfig.Connect(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: client}, slog.New(slog.NewTextHandler(&log, nil)), awsconfig.SES)
		if log.Len() == 0 {
			break
		}
	}
	before := connections.Load()
	step := sendingBy(t, client, server.URL)
	if result, err := deliver(t, step, user); err != nil || result.MessageID != "message-1" {
		t.Errorf("%+v, error %v; want it sent", result, err)
	}
	if more := connections.Load() - before; more != 0 || log.Len() > 0 {
		t.Errorf("%d connections more than the one that was open; log %s", more, &log)
	}
}

// A connection that SES closed while the function was frozen breaks when it is used.
func TestMailOfABrokenConnectionIsUndecided(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Close() //nolint:errcheck // as meant
	}))
	t.Cleanup(server.Close)
	result, err := deliver(t, sendingTo(t, server.URL), user)
	if got, want := reflect.TypeOf(err), reflect.TypeFor[*statemachine.UndecidedError](); got != want {
		t.Errorf("got %v (%+v), want a %v", err, result, want)
	}
}

func TestMailIsRetriedWhenNoConnectionWasMade(t *testing.T) {
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	for name, url := range map[string]string{"TLS": untrusted.URL, "connect": "http://127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			result, err := deliver(t, sendingTo(t, url), user)
			if got, want := reflect.TypeOf(err), reflect.TypeFor[*statemachine.TransientError](); got != want {
				t.Errorf("got %v (%+v), want a %v: nothing was sent", err, result, want)
			}
		})
	}
}

// TestSenderOfTheTemplate holds the pattern of the template's parameter against the
// check that the function makes when it starts.
func TestSenderOfTheTemplate(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Parameters map[string]struct {
			AllowedPattern string `yaml:"AllowedPattern"`
		} `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(template.Parameters["SenderEmail"].AllowedPattern)
	if got, want := template.Parameters["ReplyTo"].AllowedPattern, "^$|"+pattern.String(); got != want {
		t.Errorf("the pattern of ReplyTo is %s, want %s", got, want)
	}
	for address, want := range map[string]bool{
		"welcome@example.com": true, "first.last+tag@mail.example.co.uk": true, "a@1.example": true,
		"welcome": false, "a@localhost": false, "a..b@example.com": false, ".a@example.com": false, "a.@example.com": false,
		"<a@example.com": false, "a,b@example.com": false, "a@example.com.": false, "a@-example.com": false, "a@exa_mple.com": false,
		"josé@example.com": false, "a@exämple.com": false, "A <a@example.com>": false, "": false,
	} {
		_, err := Sender("App", address)
		if got := pattern.MatchString(address); got != want || (err == nil) != want {
			t.Errorf("%q: the template takes it: %t, the function: %v; want %t", address, got, err, want)
		}
		if got, err := ReplyTo(address); want && (err != nil || len(got) != 1 || got[0] != address) {
			t.Errorf("answers to %q go to %q, error %v", address, got, err)
		}
	}
}

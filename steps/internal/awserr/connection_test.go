package awserr_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/awserr"
)

// clientTimeout is how long the clients wait for an answer: longer than any
// test needs, unless it calls impatient.
var clientTimeout = 10 * time.Second

// impatient makes the clients give up soon, until the test ends.
func impatient(t *testing.T) {
	t.Helper()
	patient := clientTimeout
	clientTimeout = 200 * time.Millisecond
	t.Cleanup(func() { clientTimeout = patient })
}

// callFunc calls a service at the URL and returns the error of the SDK.
type callFunc func(ctx context.Context, url string) error

func config(url string) aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("id", "secret", ""),
		BaseEndpoint: aws.String(url),
		// Without reuse no test meets a connection that another one broke.
		HTTPClient: &http.Client{Timeout: clientTimeout, Transport: &http.Transport{DisableKeepAlives: true}},
		Retryer:    func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func callCognito(ctx context.Context, url string) error {
	return getUser(ctx, config(url))
}

func getUser(ctx context.Context, cfg aws.Config) error {
	_, err := cognito.NewFromConfig(cfg).AdminGetUser(ctx, &cognito.AdminGetUserInput{
		UserPoolId: aws.String("us-east-1_Example01"), Username: aws.String("jane.doe@example.com"),
	})
	return err
}

func callEventBridge(ctx context.Context, url string) error {
	_, err := eventbridge.NewFromConfig(config(url)).PutEvents(ctx, &eventbridge.PutEventsInput{
		Entries: []eventtypes.PutEventsRequestEntry{{Source: aws.String("test")}},
	})
	return err
}

func callSES(ctx context.Context, url string) error {
	text := &sestypes.Content{Data: aws.String("text")}
	_, err := ses.NewFromConfig(config(url)).SendEmail(ctx, &ses.SendEmailInput{
		Source:      aws.String("hello@example.com"),
		Destination: &sestypes.Destination{ToAddresses: []string{"jane.doe@example.com"}},
		Message:     &sestypes.Message{Subject: text, Body: &sestypes.Body{Text: text}},
	})
	return err
}

// serve starts a service that ends with the test, and returns its URL.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Before the body is read, the server does not see the client leave.
		_, _ = io.Copy(io.Discard, r.Body)
		handler(w, r)
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// answer starts a service that refuses every call with the code, the way that
// the named service does.
func answer(t *testing.T, status int, service, code string) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-RequestId", "request-1")
		body := `{"__type":"` + code + `","message":"` + hostile + `"}`
		if service == "SES" {
			w.Header().Set("Content-Type", "text/xml")
			body = "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + hostile +
				"</Message></Error><RequestId>request-1</RequestId></ErrorResponse>"
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// hijack starts a service that reads the request, writes the bytes to the bare
// connection and closes it; with reset, so that the client is sent a RST.
func hijack(t *testing.T, response string, reset bool) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("hijack: %v", err)
			return
		}
		_, _ = io.WriteString(conn, response)
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			// The client shall have read the response before the reset drops it.
			time.Sleep(50 * time.Millisecond)
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	})
}

// refusingURL is where nobody listens.
const refusingURL = "http://127.0.0.1:1"

// checkTransient makes the calls of all services fail at the URL, and wants a
// TransientError with the code.
func checkTransient(t *testing.T, ctx context.Context, url, code string) { //nolint:revive // t comes first in helpers
	t.Helper()
	for name, call := range map[string]callFunc{"Cognito": callCognito, "EventBridge": callEventBridge, "SES": callSES} {
		sdk := call(ctx, url)
		if sdk == nil {
			t.Errorf("%s: the call did not fail", name)
			continue
		}
		err := awserr.Classify(name, sdk)
		checkType(t, name+" "+sdk.Error(), err, transient)
		if got := err.Error(); !strings.HasPrefix(got, name+": "+code+": ") {
			t.Errorf("%s: text %q lacks the code %q", name, got, code)
		}
	}
}

func TestConnectionFailuresAreTransient(t *testing.T) {
	const truncated = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
	t.Run("connection refused", func(t *testing.T) {
		checkTransient(t, t.Context(), refusingURL, "connection failed")
	})
	t.Run("connection closed without an answer", func(t *testing.T) {
		checkTransient(t, t.Context(), hijack(t, "", false), "connection failed")
	})
	t.Run("connection reset without an answer", func(t *testing.T) {
		checkTransient(t, t.Context(), hijack(t, "", true), "connection failed")
	})
	t.Run("answer truncated in the headers", func(t *testing.T) {
		checkTransient(t, t.Context(), hijack(t, "HTTP/1.1 200 OK\r\nContent-", false), "connection failed")
	})
	t.Run("no HTTP", func(t *testing.T) {
		checkTransient(t, t.Context(), hijack(t, "220 mail.example.com ESMTP\r\n", false), "connection failed")
	})
	t.Run("body truncated at its start", func(t *testing.T) {
		checkTransient(t, t.Context(), hijack(t, truncated, false), "connection lost")
	})
	t.Run("body of an error truncated", func(t *testing.T) {
		checkTransient(t, t.Context(), hijack(t, strings.Replace(truncated, "200 OK", "500 Oops", 1)+"{", false), "connection lost")
	})
	t.Run("untrusted certificate", func(t *testing.T) {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		checkTransient(t, t.Context(), server.URL, "connection failed")
	})
}

func TestBodyTruncatedInTheMiddleIsTransient(t *testing.T) {
	for name, test := range map[string]struct {
		call callFunc
		body string
	}{
		"Cognito":     {callCognito, `{"Username": "jane.doe@example.com", "UserAttr`},
		"EventBridge": {callEventBridge, `{"Entries": [{"EventId": "1`},
		"SES":         {callSES, `<SendEmailResponse><SendEmailResult><MessageId>jane.doe`},
	} {
		t.Run(name, func(t *testing.T) {
			url := hijack(t, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"+test.body, false)
			sdk := test.call(t.Context(), url)
			checkType(t, "truncated after "+test.body, awserr.Classify(name, sdk), transient)
		})
	}
}

func TestConnectionResetInTheBodyIsTransient(t *testing.T) {
	url := hijack(t, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", true)
	checkTransient(t, t.Context(), url, "connection lost")
}

// Depending on who notices first, the SDK says that the time is over or that
// the connection was closed.
func TestSilenceInTheBodyIsTransient(t *testing.T) {
	impatient(t)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	for name, call := range map[string]callFunc{"Cognito": callCognito, "EventBridge": callEventBridge, "SES": callSES} {
		checkType(t, name, awserr.Classify(name, call(t.Context(), url)), transient)
	}
}

func TestNoAnswerInTimeIsTransient(t *testing.T) {
	t.Run("silence", func(t *testing.T) {
		impatient(t)
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		checkTransient(t, t.Context(), url, "timeout")
	})
	t.Run("deadline of the context", func(t *testing.T) {
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		checkTransient(t, ctx, url, "timeout")
	})
}

func TestCancelledCallIsTransient(t *testing.T) {
	t.Run("before the call", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		checkTransient(t, ctx, refusingURL, "canceled")
	})
	t.Run("during the call", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		checkTransient(t, ctx, url, "canceled")
	})
}

// The SDK wraps the last error when it gives up; the cause must still be found.
func TestErrorsOfAnSDKThatGaveUpKeepTheirClass(t *testing.T) {
	for name, tokens := range map[string]uint{
		"attempts used up":    100,
		"retry quota used up": 0,
	} {
		t.Run(name, func(t *testing.T) {
			retryer := retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 2, time.Millisecond, ratelimit.NewTokenRateLimit(tokens)
			})
			retrying := func(url string) error {
				cfg := config(url)
				cfg.Retryer = func() aws.Retryer { return retryer }
				return getUser(t.Context(), cfg)
			}
			url := answer(t, http.StatusBadRequest, "Cognito", "TooManyRequestsException")
			checkType(t, "TooManyRequestsException", awserr.Classify("Cognito", retrying(url)), throttled)
			checkType(t, "connection refused", awserr.Classify("Cognito", retrying(refusingURL)), transient)
		})
	}
}

// Go code may still look into the error that Step Functions sees by its name.
func TestTypedErrorCarriesTheCause(t *testing.T) {
	err := awserr.Classify("Cognito AdminGetUser", callCognito(t.Context(), refusingURL))
	typed, ok := errors.AsType[*statemachine.TransientError](err)
	if !ok {
		t.Fatalf("got a %T, want a *statemachine.TransientError", err)
	}
	if typed.Operation != "Cognito AdminGetUser" || typed.Code != "connection failed" {
		t.Errorf("got operation %q and code %q", typed.Operation, typed.Code)
	}
}

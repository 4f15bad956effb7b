package awsconfig_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/awsconfig"
)

// counted counts the writes to a connection, of which each is a packet at least.
type counted struct {
	net.Conn
	writes *atomic.Int32
}

func (c counted) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func TestRequestGoesInOnePiece(t *testing.T) {
	e := newEndpoint(t)
	plain := httptest.NewServer(e)
	t.Cleanup(plain.Close)
	var writes atomic.Int32
	cfg := awsconfig.New(environment(map[string]string{"AWS_ENDPOINT_URL": plain.URL}), limits)
	cfg.HTTPClient = awsconfig.HTTPClient(time.Minute, func(t *http.Transport) {
		t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return counted{conn, &writes}, err
		}
	})
	startExecution(t, cfg)
	if got := writes.Load(); got != 1 || e.posts.Load() != 1 {
		t.Errorf("%d writes, %d calls; want 1 and 1", got, e.posts.Load())
	}
}

// TestAttemptTimesOut lets an endpoint hang before its answer, and in the middle.
func TestAttemptTimesOut(t *testing.T) {
	for name, begin := range map[string]func(http.ResponseWriter){
		"no answer":   func(http.ResponseWriter) {},
		"half of one": func(w http.ResponseWriter) { io.WriteString(w, `{"executionArn":`); w.(http.Flusher).Flush() }, //nolint:errcheck // the client would notice
	} {
		t.Run(name, func(t *testing.T) {
			hanging := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.Copy(io.Discard, r.Body) //nolint:errcheck // then the server notices that the client gave up
				begin(w)
				<-r.Context().Done()
			}))
			t.Cleanup(hanging.Close)
			cfg := awsconfig.New(environment(map[string]string{"AWS_ENDPOINT_URL": hanging.URL}),
				awsconfig.Limits{AttemptTimeout: 50 * time.Millisecond, MaxAttempts: 1})
			_, err := sfn.NewFromConfig(cfg).StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String("arn")})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v, want a time-out", err)
			}
		})
	}
}

func TestAnswerMayComeInPieces(t *testing.T) {
	rest := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "one ")  //nolint:errcheck // the client would notice
		w.(http.Flusher).Flush()   //nolint:forcetypeassert // net/http's is one
		<-rest                     // the client has the headers
		io.WriteString(w, "piece") //nolint:errcheck // the client would notice
	}))
	t.Cleanup(slow.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, slow.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := awsconfig.HTTPClient(limits.AttemptTimeout).Do(request)
	close(rest)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	if got, err := io.ReadAll(response.Body); string(got) != "one piece" || err != nil {
		t.Errorf("read %q, error %v", got, err)
	}
}

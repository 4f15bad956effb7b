package async_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"example.com/onboarding/statemachine/dev/internal/async"
)

// The answers of a function's attempts.
const (
	succeeds  = "succeeds"
	fails     = "fails"
	throttled = "throttled"
)

// function answers its invocations in turn.
type function struct {
	mu       sync.Mutex
	answers  []string
	attempts int
}

func (f *function) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer := f.answers[min(f.attempts, len(f.answers)-1)]
	f.attempts++
	switch answer {
	case fails:
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
	case throttled:
		w.Header().Set("X-Amzn-Errortype", "TooManyRequestsException")
		w.WriteHeader(http.StatusTooManyRequests)
	}
	w.Write([]byte("{}")) //nolint:errcheck // the caller notices
}

// invoke hands a function an event, and returns the number of attempts when it succeeded
// or was given up.
func invoke(t *testing.T, answers ...string) (attempts int, gaveUp []string) {
	t.Helper()
	f := &function{answers: answers}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	invoker := async.NewInvoker(lambda.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}))
	invoker.RetryAfter = time.Millisecond
	given := make(chan string, 1)
	invoker.GaveUp = func(name string, event []byte, err error) { given <- name + " " + string(event) + " " + err.Error() }
	invoker.Accept("greet", []byte(`{"a":1}`))
	for range 5000 {
		f.mu.Lock()
		attempts = f.attempts
		f.mu.Unlock()
		if attempts == len(answers) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(10 * time.Millisecond) // for an attempt too many
	invoker.Close()
	close(given)
	for g := range given {
		gaveUp = append(gaveUp, g)
	}
	return f.attempts, gaveUp
}

func TestEventIsTriedAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer []string
		gaveUp []string
	}{
		{"not if the function succeeds", []string{succeeds}, nil},
		{"twice if it fails", []string{fails, fails, succeeds}, nil},
		{"not a third time", []string{fails, fails, fails}, []string{`greet {"a":1} the function failed: Unhandled`}},
		{"as often as it is throttled", []string{throttled, throttled, throttled, throttled, fails, fails, succeeds}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			attempts, gaveUp := invoke(t, test.answer...)
			if attempts != len(test.answer) || !slices.Equal(gaveUp, test.gaveUp) {
				t.Errorf("%d attempts, gave up %q; want %d, %q", attempts, gaveUp, len(test.answer), test.gaveUp)
			}
		})
	}
}

func TestClosedInvokerTakesNothing(t *testing.T) {
	f := &function{answers: []string{succeeds}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	invoker := async.NewInvoker(lambda.NewFromConfig(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL}))
	invoker.Close()
	invoker.Accept("greet", []byte("{}"))
	invoker.Close()
	if f.attempts > 0 {
		t.Errorf("%d attempts", f.attempts)
	}
}

package onboard

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/start"
)

// queueAt returns the client that main makes, for a queue at that address.
func queueAt(endpoint string) *sqs.Client {
	return Queue(awsconfig.New(func(name string) string {
		return map[string]string{
			"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": endpoint,
		}[name]
	}, start.Limits))
}

// send puts a message into the queue, with more time than the trigger has: machines that
// run tests stall.
func send(t *testing.T, q *sqs.Client, options ...func(*sqs.Options)) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := q.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String("https://sqs.us-east-1.amazonaws.com/123456789012/deferred"), MessageBody: aws.String("{}"),
	}, options...)
	return err
}

// TestQueueThatHangsOnceIsAskedAgain lets an attempt hang: the next one comes without a
// pause, and still fits into the budget.
func TestQueueThatHangsOnceIsAskedAgain(t *testing.T) {
	var attempts atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) //nolint:errcheck // then the server notices that the client gave up
		if attempts.Add(1) == 1 {
			<-r.Context().Done()
			return
		}
		io.WriteString(w, `{"MessageId":"1","MD5OfMessageBody":"99914b932bd37a50b983c5e7c90ae93b"}`) //nolint:errcheck // the client would notice
	}))
	t.Cleanup(server.Close)
	if err := send(t, queueAt(server.URL)); err != nil || attempts.Load() < 2 {
		t.Errorf("error %v after %d attempts, want none after 2", err, attempts.Load())
	}
	if 2*queueAttemptTimeout > deferBudget {
		t.Errorf("two attempts of %v do not fit into %v", queueAttemptTimeout, deferBudget)
	}
}

func TestQueueThatRefusesIsNotAskedAgain(t *testing.T) {
	var attempts atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		attempts.Add(1)
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"about jane@example.com"}`) //nolint:errcheck // the client would notice
	}))
	t.Cleanup(server.Close)
	began := time.Now()
	err := send(t, queueAt(server.URL), func(o *sqs.Options) { o.HTTPClient = awsconfig.HTTPClient(time.Minute) })
	if got := start.ErrorCode(err); got != "QueueDoesNotExist" || attempts.Load() != 1 {
		t.Errorf("code %s after %d attempts in %v, want QueueDoesNotExist after one", got, attempts.Load(), time.Since(began))
	}
}

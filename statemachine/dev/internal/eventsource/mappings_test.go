package eventsource_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/dev/internal/eventsource"
)

const queueARN = "arn:aws:sqs:us-east-1:123456789012:starts"

// emptyQueue is a backend whose queues are empty.
type emptyQueue struct {
	calls  atomic.Int64
	called func()
}

func (q *emptyQueue) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	q.calls.Add(1)
	q.called()
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Write([]byte("{}")) //nolint:errcheck // the caller notices
}

// serve returns mappings with one of a queue.
func serve(t *testing.T) (config aws.Config, mapping *eventsource.Queue, backend *emptyQueue) {
	t.Helper()
	backend = &emptyQueue{called: func() {}}
	mappings := eventsource.Around(backend)
	server := httptest.NewServer(mappings)
	t.Cleanup(server.Close)
	config = aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
	mapping = &eventsource.Queue{
		Messages: sqs.NewFromConfig(config), Functions: lambda.NewFromConfig(config), URL: server.URL + "/123456789012/starts", ARN: queueARN,
		Function: "start", FunctionARN: "arn:aws:lambda:us-east-1:123456789012:function:start", BatchSize: 10, Report: func(err error) { t.Error(err) },
	}
	mappings.Add(mapping)
	return config, mapping, backend
}

func TestMappingIsListedByQueueAndFunction(t *testing.T) {
	config, mapping, _ := serve(t)
	for _, test := range []struct {
		function, queue string
		want            int
	}{
		{"", "", 1},
		{"start", "", 1},
		{mapping.FunctionARN, queueARN, 1},
		{"other", queueARN, 0},
		{"start", queueARN + "-other", 0},
	} {
		in := new(lambda.ListEventSourceMappingsInput)
		if test.function != "" {
			in.FunctionName = &test.function
		}
		if test.queue != "" {
			in.EventSourceArn = &test.queue
		}
		out, err := lambda.NewFromConfig(config).ListEventSourceMappings(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.EventSourceMappings) != test.want {
			t.Errorf("%+v: %d mappings", test, len(out.EventSourceMappings))
		}
	}
}

func TestDisabledMappingPollsNothing(t *testing.T) {
	config, mapping, backend := serve(t)
	functions := lambda.NewFromConfig(config)
	list, err := functions.ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{})
	if err != nil {
		t.Fatal(err)
	}
	id := list.EventSourceMappings[0].UUID
	setEnabled := func(enabled bool, want string) {
		t.Helper()
		if _, err := functions.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: id, Enabled: &enabled}); err != nil {
			t.Fatal(err)
		}
		if out, err := functions.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: id}); err != nil || *out.State != want {
			t.Errorf("state %v, %v; want %s", out, err, want)
		}
	}
	setEnabled(false, "Disabled")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	mapping.Poll(ctx)
	if n := backend.calls.Load(); n != 0 {
		t.Errorf("%d polls while it is disabled", n)
	}
	setEnabled(true, "Enabled")
	ctx, cancel = context.WithCancel(t.Context())
	backend.called = cancel
	mapping.Poll(ctx) // until the backend is called
}

func TestMappingThatCannotBeChangedSaysSo(t *testing.T) {
	config, _, backend := serve(t)
	functions := lambda.NewFromConfig(config)
	list, err := functions.ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = functions.UpdateEventSourceMapping(t.Context(), &lambda.UpdateEventSourceMappingInput{UUID: list.EventSourceMappings[0].UUID, BatchSize: aws.Int32(1)})
	if err == nil || !strings.Contains(err.Error(), "InvalidParameterValueException") {
		t.Errorf("another batch size: %v", err)
	}
	_, err = functions.GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: aws.String("none")})
	if err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("a mapping that does not exist: %v", err)
	}
	if backend.calls.Load() > 0 {
		t.Errorf("the backend was called %d times", backend.calls.Load())
	}
}

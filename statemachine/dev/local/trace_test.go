package local

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/internal/lambda"
)

// TestTriggerHandsItsTraceOn runs the real binary, whose SDK sends the trace of the
// invocation along with each call. Step Functions takes the trace of an execution
// from that header
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html),
// so that one trace shows trigger, execution and steps; SQS keeps it with the message
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
func TestTriggerHandsItsTraceOn(t *testing.T) {
	built, err := build(t.Context(), "../../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	event, err := os.ReadFile(filepath.FromSlash("../../../trigger/testdata/confirm_sign_up.json"))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	traces := make(map[string]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		traces[r.Header.Get("X-Amz-Target")] = r.Header.Get(lambda.TraceHeader)
		jsonError(400, "AccessDeniedException").ServeHTTP(w, r) // so that the start is deferred
	}))
	defer server.Close()
	functions := lambda.NewService(func(_, line string) { t.Log(line) })
	defer functions.Close()
	functions.Register(lambda.Function{
		Name: "f", Binary: built.binary("trigger"), Timeout: 15 * time.Second, MemoryMB: 128,
		Environment: map[string]string{
			"AWS_REGION": Region, "AWS_ENDPOINT_URL": server.URL,
			"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
			"DEFERRED_START_QUEUE_URL": server.URL + "/" + account + "/deferred",
		},
	})
	for _, trace := range []string{ // the process keeps none of them
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
		"Root=1-5759e98a-1be46a994272793bd862e3fe;Parent=3f42cd8ad853995c;Sampled=0",
	} {
		if result, err := functions.Invoke(lambda.WithTrace(t.Context(), trace), "f", event); err != nil || result.Failed {
			t.Fatalf("invocation: %s, %v", result.Payload, err)
		}
		mu.Lock()
		for _, target := range []string{"AWSStepFunctions.StartExecution", "AmazonSQS.SendMessage"} {
			if traces[target] != trace {
				t.Errorf("%s came with the trace %q, want %q", target, traces[target], trace)
			}
		}
		mu.Unlock()
	}
}

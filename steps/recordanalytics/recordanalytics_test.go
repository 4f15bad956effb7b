package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/steptest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// putFunc is an EventBridge that only takes events.
type putFunc func(context.Context, *eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error)

func (f putFunc) PutEvents(ctx context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	return f(ctx, in)
}

// readTask reads the task that the definition makes, and adds the results of
// the steps before this one.
func readTask(t *testing.T) statemachine.Task {
	t.Helper()
	task := steptest.Task(t)
	task.State.Results = map[string]json.RawMessage{
		"group":   json.RawMessage(`{"status":"done","reason":"","groups":["members"]}`),
		"profile": json.RawMessage(`{"status":"done","reason":""}`),
		"email":   json.RawMessage(`{"status":"done","reason":"","messageId":"message-1"}`),
	}
	return task
}

// now is 90,061.123 seconds after the start of the execution in the task, and
// told in another time zone.
func now() time.Time {
	return time.Date(2026, 3, 2, 14, 1, 1, 246e6, time.FixedZone("UTC+1", 3600))
}

// put handles the task with an EventBridge that gives the answer.
func put(t *testing.T, task statemachine.Task, out *eventbridge.PutEventsOutput, answer error) (Result, *eventbridge.PutEventsInput, error) {
	t.Helper()
	var call *eventbridge.PutEventsInput
	step := &RecordAnalytics{Now: now, Events: putFunc(func(ctx context.Context, in *eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) {
		if call != nil {
			t.Error("PutEvents was called twice")
		}
		if ctx != t.Context() {
			t.Error("the call does not have the context of the step")
		}
		call = in
		return out, answer
	})}
	result, err := step.Handle(t.Context(), task)
	return result, call, err
}

func accepted() *eventbridge.PutEventsOutput {
	return &eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{{EventId: aws.String("event-1")}}}
}

// checkGolden compares JSON with a file in testdata.
func checkGolden(t *testing.T, file, compact string) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, []byte(compact), "", "  "); err != nil {
		t.Fatalf("%q is no JSON: %v", compact, err)
	}
	got.WriteByte('\n')
	file = "testdata/" + file
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("differs from %s (rewrite with -update)\n got %s\nwant %s", file, got.String(), want)
	}
}

func TestOneEventIsPutAndItsIDReturned(t *testing.T) {
	result, call, err := put(t, readTask(t), accepted(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if call == nil || len(call.Entries) != 1 || call.Entries[0].Detail == nil {
		t.Fatalf("EventBridge was given %+v, want one entry with a detail", call)
	}
	checkGolden(t, "detail.json", *call.Entries[0].Detail)
	call.Entries[0].Detail = nil
	want := &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String("onboarding"), DetailType: aws.String("UserOnboarded"),
	}}}
	if !reflect.DeepEqual(call, want) {
		t.Errorf("besides the detail, EventBridge was given %+v, want %+v", call, want)
	}
	got, err := json.Marshal(result)
	if want := `{"status":"done","reason":"","eventId":"event-1"}`; err != nil || string(got) != want {
		t.Errorf("result\n got %s (error %v)\nwant %s", got, err, want)
	}
}

// Executions that are started by hand may lack what the trigger adds.
func TestDetailHasNoNull(t *testing.T) {
	task := readTask(t)
	task.State.Metadata, task.State.Results = nil, nil
	_, call, err := put(t, task, accepted(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if detail := *call.Entries[0].Detail; strings.Contains(detail, "null") {
		t.Errorf("the detail has a null:\n%s", detail)
	}
}

func TestDetailHasNoPersonalData(t *testing.T) {
	task := readTask(t)
	task.State.Username = "jane.doe@example.com"
	task.State.Sub = "jane.doe"
	_, call, err := put(t, task, accepted(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if detail := *call.Entries[0].Detail; strings.Contains(detail, "jane.doe") || strings.Contains(detail, "@") {
		t.Errorf("the detail of user %s says who it is:\n%s", task.State.Username, detail)
	}
}

// PutEvents answers 200 for entries that it refused.
func TestRefusedEntryIsAnError(t *testing.T) {
	for code, want := range map[string]reflect.Type{
		"ThrottlingException":             reflect.TypeFor[*statemachine.ThrottledError](),
		"InternalFailure":                 reflect.TypeFor[*statemachine.TransientError](),
		"InternalException":               reflect.TypeFor[*statemachine.TransientError](),
		"AccessDeniedException":           reflect.TypeFor[*statemachine.NotReadyError](),
		"NotAuthorizedForSourceException": reflect.TypeFor[*statemachine.NotReadyError](),
		"MalformedDetail":                 reflect.TypeFor[*statemachine.UnexpectedError](),
		"NewCodeOfNextYear":               reflect.TypeFor[*statemachine.UnexpectedError](),
		"":                                reflect.TypeFor[*statemachine.UnexpectedError](),
	} {
		_, _, err := put(t, readTask(t), &eventbridge.PutEventsOutput{
			FailedEntryCount: 1,
			Entries:          []types.PutEventsResultEntry{{ErrorCode: aws.String(code), ErrorMessage: aws.String("jane.doe@example.com")}},
		}, nil)
		if got := reflect.TypeOf(err); got != want {
			t.Errorf("entry refused with %q: got a %v (%v), want a %v", code, got, err, want)
			continue
		}
		if !strings.HasPrefix(err.Error(), "EventBridge PutEvents: "+code) || strings.Contains(err.Error(), "jane.doe") {
			t.Errorf("text %q: want operation and code %q, and nothing of the message", err, code)
		}
	}
}

func TestAnswerWithoutTheEntryIsUnexpected(t *testing.T) {
	for name, out := range map[string]*eventbridge.PutEventsOutput{
		"none": {},
		"two":  {Entries: make([]types.PutEventsResultEntry, 2)},
	} {
		_, _, err := put(t, readTask(t), out, nil)
		if got, want := reflect.TypeOf(err), reflect.TypeFor[*statemachine.UnexpectedError](); got != want {
			t.Errorf("%s entries: got a %v (%v), want a %v", name, got, err, want)
		}
	}
}

func TestErrorsOfTheCall(t *testing.T) {
	const message = "jane.doe@example.com is in the way"
	for _, test := range []struct {
		name string
		err  error
		want reflect.Type
	}{
		{"throttled", &smithy.GenericAPIError{Code: "ThrottlingException", Message: message}, reflect.TypeFor[*statemachine.ThrottledError]()},
		{"internal", &types.InternalException{Message: aws.String(message)}, reflect.TypeFor[*statemachine.TransientError]()},
		{"time-out", context.DeadlineExceeded, reflect.TypeFor[*statemachine.TransientError]()},
		{"permission missing", &smithy.GenericAPIError{Code: "AccessDeniedException", Message: message}, reflect.TypeFor[*statemachine.NotReadyError]()},
		{"unknown", errors.New(message), reflect.TypeFor[*statemachine.UnexpectedError]()},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := put(t, readTask(t), nil, &smithy.OperationError{ServiceID: "EventBridge", OperationName: "PutEvents", Err: test.err})
			if got := reflect.TypeOf(err); got != test.want {
				t.Fatalf("%v: got a %v (%v), want a %v", test.err, got, err, test.want)
			}
			if !strings.HasPrefix(err.Error(), "EventBridge PutEvents: ") || strings.Contains(err.Error(), "jane.doe") {
				t.Errorf("text %q: want the operation, and nothing of the message", err)
			}
		})
	}
}

func TestReleasedTasksAreTaken(t *testing.T) {
	steptest.CheckReleased(t, (&RecordAnalytics{Now: now, Events: putFunc(
		func(context.Context, *eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) {
			return accepted(), nil
		},
	)}).Handle)
}

package step_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/project"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/steps/internal/step"
	"example.com/onboarding/steps/internal/steptest"
)

func TestEndOfAStepIsInTheRecord(t *testing.T) {
	task, records := steptest.Task(t), &steptest.Records{}
	task.ExecutionName = task.State.ExecutionName("a cause")
	_, _, err := runWith(t, records, task, func(context.Context, statemachine.Task) (sent, error) {
		return sent{Outcome: statemachine.SkippedUntil(statemachine.UntilVerified, "not verified")}, nil
	})
	want := map[string]record.Step{"SendWelcomeEmail": {
		Status: statemachine.StatusSkipped, Reason: "not verified", Until: statemachine.UntilVerified,
		Result:    json.RawMessage(`{"status":"skipped","reason":"not verified","messageId":""}`),
		Execution: task.ExecutionName, At: task.StartTime.Add(812 * time.Millisecond),
	}}
	if err != nil || !reflect.DeepEqual(records.Steps, want) || records.Last != statemachine.Ends("SendWelcomeEmail") {
		t.Errorf("the record has %+v, last %t (error %v); want %+v", records.Steps, records.Last, err, want)
	}
}

func TestEndOfTheLastStateIsTheEndOfTheOnboarding(t *testing.T) {
	p, err := project.Read("../../..")
	if err != nil {
		t.Fatal(err)
	}
	states, records := p.States(), &steptest.Records{}
	function := step.Function{State: states[len(states)-1], Log: slog.New(slog.DiscardHandler), Records: records, Metrics: metrics.Stack{Now: time.Now}}
	_, err = step.Handler(function, func(context.Context, statemachine.Task) (sent, error) {
		return sent{Outcome: statemachine.Done()}, nil
	})(t.Context(), steptest.Task(t))
	if err != nil || !records.Last {
		t.Errorf("last %t, error %v", records.Last, err)
	}
}

func TestWhatWasDoneIsNotDoneAgain(t *testing.T) {
	for name, test := range map[string]struct {
		before record.Step
		calls  int
	}{
		"done":              {record.Step{Status: statemachine.StatusDone, Result: json.RawMessage(`{"status":"done","messageId":"m-1"}`)}, 0},
		"skipped":           {record.Step{Status: statemachine.StatusSkipped, Result: json.RawMessage(`{"status":"skipped"}`)}, 1},
		"unreadable result": {record.Step{Status: statemachine.StatusDone, Result: json.RawMessage(`{`)}, 1},
		"nothing":           {record.Step{}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			records := &steptest.Records{Record: record.Record{Steps: map[string]record.Step{"SendWelcomeEmail": test.before}}}
			result, log, err := runWith(t, records, steptest.Task(t), func(context.Context, statemachine.Task) (sent, error) {
				calls++
				return sent{Outcome: statemachine.Done(), MessageID: "m-1"}, nil
			})
			if err != nil || calls != test.calls || result.MessageID != "m-1" || result.Status != statemachine.StatusDone {
				t.Errorf("%d calls, want %d; result %+v, error %v", calls, test.calls, result, err)
			}
			if counted := strings.Contains(log, "StepsEnded"); counted != (calls > 0) {
				t.Errorf("counted %t after %d calls:\n%s", counted, calls, log)
			}
		})
	}
}

func TestStepWithoutARecordIsRetried(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "ThrottlingException"}
	for name, test := range map[string]struct {
		records steptest.Records
		calls   int
	}{
		"before": {steptest.Records{NoGet: throttled}, 0},
		"after":  {steptest.Records{NoUpdate: throttled}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			_, _, err := runWith(t, &test.records, steptest.Task(t), func(context.Context, statemachine.Task) (sent, error) {
				calls++
				return sent{Outcome: statemachine.Done()}, nil
			})
			if got, want := reflect.TypeOf(err), reflect.TypeFor[*statemachine.ThrottledError](); got != want || calls != test.calls {
				t.Errorf("error %v after %d calls, want a %v after %d", err, calls, want, test.calls)
			}
		})
	}
}

package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/metricstest"
	"example.com/onboarding/statemachine/metrics"
)

var (
	now   = time.UnixMilli(1700000000123)
	stack = metrics.Stack{Name: "onboarding", Now: func() time.Time { return now }}
)

// line logs the attributes as a function does.
func line(t *testing.T, attrs []slog.Attr) string {
	t.Helper()
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).LogAttrs(t.Context(), slog.LevelInfo, "done", attrs...)
	return logged.String()
}

func check(t *testing.T, attrs []slog.Attr, want ...metricstest.Value) {
	t.Helper()
	text := line(t, attrs)
	got, err := metricstest.Read(text)
	if err != nil {
		t.Fatalf("line %s: %v", text, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("line %s has the metrics\n %+v, want\n %+v", text, got, want)
	}
	var root struct {
		AWS struct{ Timestamp int64 } `json:"_aws"`
	}
	if err := json.Unmarshal([]byte(text), &root); err != nil || root.AWS.Timestamp != now.UnixMilli() {
		t.Errorf("line %s: timestamp %d, want %d", text, root.AWS.Timestamp, now.UnixMilli())
	}
}

func value(name, unit string, v float64, dimensions ...string) metricstest.Value {
	m := map[string]string{"Stack": "onboarding"}
	for i := 0; i < len(dimensions); i += 2 {
		m[dimensions[i]] = dimensions[i+1]
	}
	return metricstest.Value{Namespace: "Onboarding", Name: name, Unit: unit, Value: v, Dimensions: m}
}

func TestCountersCountOne(t *testing.T) {
	check(t, stack.Count(metrics.DeferredStarts), value("DeferredStarts", "Count", 1))
	check(t, stack.Count(metrics.Confirmations, metrics.StartsLost),
		value("Confirmations", "Count", 1), value("StartsLost", "Count", 1))
}

func TestStepIsCountedAndTimedByOutcome(t *testing.T) {
	check(t, stack.StepEnded("SaveProfile", statemachine.Done(), now.Add(-1500*time.Millisecond)),
		value("StepsEnded", "Count", 1, "State", "SaveProfile", "Status", "done", "Reason", "none"),
		value("SinceConfirmed", "Milliseconds", 1500, "State", "SaveProfile", "Status", "done", "Reason", "none"))
	check(t, stack.StepEnded("SendWelcomeEmail", statemachine.Skipped("no mail address"), now),
		value("StepsEnded", "Count", 1, "State", "SendWelcomeEmail", "Status", "skipped", "Reason", "no mail address"),
		value("SinceConfirmed", "Milliseconds", 0, "State", "SendWelcomeEmail", "Status", "skipped", "Reason", "no mail address"))
}

func TestClockBehindStepFunctionsGivesNoNegativeTime(t *testing.T) {
	values, err := metricstest.Read(line(t, stack.StepEnded("SaveProfile", statemachine.Done(), now.Add(time.Hour))))
	if err != nil || len(values) != 2 || values[1].Value != 0 {
		t.Errorf("got %+v (error %v), want SinceConfirmed 0", values, err)
	}
}

func TestTaskWithoutStartTimeIsCountedOnly(t *testing.T) {
	check(t, stack.StepEnded("SaveProfile", statemachine.Done(), time.Time{}),
		value("StepsEnded", "Count", 1, "State", "SaveProfile", "Status", "done", "Reason", "none"))
}

func TestFailureIsCountedByErrorType(t *testing.T) {
	check(t, stack.StepFailed("RecordAnalytics", "ThrottledError"),
		value("StepFailures", "Count", 1, "State", "RecordAnalytics", "ErrorType", "ThrottledError"))
}

// TestTriggerCountsCheaply bounds what a metric costs the trigger.
func TestTriggerCountsCheaply(t *testing.T) {
	log, ctx := slog.New(slog.NewJSONHandler(discard{}, nil)), context.Background()
	plain := testing.AllocsPerRun(100, func() { log.LogAttrs(ctx, slog.LevelInfo, "done") })
	counted := testing.AllocsPerRun(100, func() {
		log.LogAttrs(ctx, slog.LevelInfo, "done", stack.Count(metrics.Confirmations)...)
	})
	if counted-plain > 14 { // 9, and some more with the race detector
		t.Errorf("a metric takes %v allocations, want at most 14", counted-plain)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// TestReaderRefusesWhatCloudWatchWould keeps the other tests honest.
func TestReaderRefusesWhatCloudWatchWould(t *testing.T) {
	good := strings.TrimSpace(line(t, stack.StepFailed("SaveProfile", "ThrottledError")))
	for name, replace := range map[string][2]string{
		"not JSON":              {`{"time"`, `2026 {"time"`},
		"seconds":               {`"Timestamp":1700000000123`, `"Timestamp":1700000000`},
		"no timestamp":          {`"Timestamp":1700000000123,`, ``},
		"no namespace":          {`"Namespace":"Onboarding",`, ``},
		"no dimension sets":     {`[["Stack","State","ErrorType"]]`, `[]`},
		"dimension not at root": {`"Stack":"onboarding",`, ``},
		"empty dimension":       {`"Stack":"onboarding",`, `"Stack":"",`},
		"number as dimension":   {`"Stack":"onboarding",`, `"Stack":1,`},
		"no metrics":            {`[{"Name":"StepFailures","Unit":"Count"}]`, `[]`},
		"value not at root":     {`"StepFailures":1,`, ``},
		"text as value":         {`"StepFailures":1,`, `"StepFailures":"1",`},
		"unknown unit":          {`"Unit":"Count"`, `"Unit":"Pieces"`},
		"unknown member":        {`"Timestamp"`, `"Time":1,"Timestamp"`},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, replace[0], replace[1], 1)
			if bad == good {
				t.Fatalf("%s has no %s", good, replace[0])
			}
			if values, err := metricstest.Read(bad); err == nil {
				t.Errorf("%s was read as %+v", bad, values)
			}
		})
	}
}

func TestLineWithoutMetricsHasNone(t *testing.T) {
	if values, err := metricstest.Read(`{"level":"INFO"}`); values != nil || err != nil {
		t.Errorf("got %+v, %v", values, err)
	}
}

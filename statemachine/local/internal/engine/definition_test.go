package engine

import (
	"os"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/internal/asl"
)

func deployed(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../onboarding.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDeployedDefinitionIsUnderstood(t *testing.T) {
	d, err := parse(deployed(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.States) != 4 || len(d.States[d.StartAt].Retry) != 3 {
		t.Errorf("definition %+v", d)
	}
}

func TestWhatTheEngineDoesNotKnowIsRefusedByName(t *testing.T) {
	for _, test := range []struct{ old, changed, named string }{
		{`"TimeoutSeconds": 20,`, `"Catch": [],`, `"Catch"`},
		{`"TimeoutSeconds": 20,`, `"HeartbeatSeconds": 5,`, `"HeartbeatSeconds"`},
		{`"Type": "Task"`, `"Type": "Pass"`, "Task"},
		{`lambda:invoke"`, `lambda:invoke.waitForTaskToken"`, "waitForTaskToken"},
		{`"$$.State.RetryCount"`, `"$$.Task.Token"`, "$$.Task.Token"},
		{`"$.Payload.status"`, `"$.Payload.list[0]"`, "$.Payload.list[0]"},
		{`"$.Payload.status"`, `"States.UUID()"`, "States.UUID()"},
		{`"ResultPath": "$.group"`, `"ResultPath": "$.a.b"`, "$.a.b"},
		{`"States.Timeout"`, `"States.ALL"`, "States.ALL"},
		{`"JitterStrategy": "FULL"`, `"JitterStrategy": "HALF"`, "HALF"},
		{`"Next": "SaveProfile"`, `"Next": "Nowhere"`, "Nowhere"},
		{`"StartAt": "AddUserToGroup"`, `"StartAt": "Nowhere"`, "Nowhere"},
	} {
		text := strings.Replace(deployed(t), test.old, test.changed, 1)
		if text == deployed(t) {
			t.Fatalf("the definition has no %s", test.old)
		}
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), test.named) {
			t.Errorf("%s: error %v, want one that names %s", test.changed, err, test.named)
		}
	}
}

func TestFullJitterIsBetweenNothingAndTheDelay(t *testing.T) {
	r := asl.Retrier{IntervalSeconds: new(8.0), JitterStrategy: "FULL"}
	short, long := time.Hour, time.Duration(0)
	for range 1000 {
		d := delay(r, 0)
		short, long = min(short, d), max(long, d)
	}
	if short < 0 || short > time.Second || long > 8*time.Second || long < 7*time.Second {
		t.Errorf("1000 delays of 8 s lie between %v and %v", short, long)
	}
}

func TestRetriersCountByThemselves(t *testing.T) {
	left := retries{spent: make(map[int]int), of: []asl.Retrier{
		{ErrorEquals: []string{"A"}, MaxAttempts: new(1.0)}, {ErrorEquals: []string{"B"}, MaxAttempts: new(2.0)},
	}}
	var got []bool
	for _, name := range []string{"A", "B", "A", "B", "B", "C"} {
		_, retried := left.next(name)
		got = append(got, retried)
	}
	want := []bool{true, true, false, true, false, false}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("retried %v, want %v", got, want)
		}
	}
	if left.total != 3 {
		t.Errorf("RetryCount %d, want 3", left.total)
	}
}

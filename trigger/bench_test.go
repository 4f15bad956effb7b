package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/dev/allocstest"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/trigger/internal/onboard"
)

var benchmarkKeys = []string{"campaign", "locale", "referrer"}

func confirmation(tb testing.TB) []byte {
	tb.Helper()
	payload, err := os.ReadFile(filepath.Join("testdata", "confirm_sign_up.json"))
	if err != nil {
		tb.Fatal(err)
	}
	return payload
}

// quick returns a trigger whose starts succeed at once.
func quick() *Trigger {
	return &Trigger{onboard.Starter{
		Executions:      startFunc(func(context.Context, *sfn.StartExecutionInput) error { return nil }),
		StateMachineARN: arn,
		MetadataKeys:    benchmarkKeys,
		Log:             slog.New(slog.NewJSONHandler(discard{}, nil)),
		Metrics:         metrics.Stack{Name: "onboarding", Now: time.Now},
	}}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func invokeQuick(tb testing.TB, t *Trigger, payload []byte) {
	tb.Helper()
	if _, err := t.Invoke(context.Background(), payload); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkInvoke is all of an invocation but the call: log line and metric included.
func BenchmarkInvoke(b *testing.B) {
	payload, t := confirmation(b), quick()
	b.ReportAllocs()
	for b.Loop() {
		invokeQuick(b, t, payload)
	}
}

func TestAllocations(t *testing.T) {
	payload, trigger := confirmation(t), quick()
	allocstest.Check(t, 65, func() { invokeQuick(t, trigger, payload) })
}

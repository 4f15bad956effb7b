package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"example.com/onboarding/steps/internal/steptest"
)

// fuzzedBus is an EventBridge that answers each event with the entries and the
// failure.
type fuzzedBus struct {
	t       *testing.T
	entries []types.PutEventsResultEntry
	failure error
}

func (f fuzzedBus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	for _, e := range in.Entries {
		if !json.Valid([]byte(*e.Detail)) {
			f.t.Errorf("event detail %s", *e.Detail)
		}
	}
	return &eventbridge.PutEventsOutput{Entries: f.entries}, f.failure
}

// FuzzRecordAnalytics hands the step any payload, with any answer of EventBridge,
// the code of a refused entry included.
func FuzzRecordAnalytics(f *testing.F) {
	for i, payload := range steptest.Seeds() {
		f.Add([]byte(payload), uint8(i), uint8(i), "ThrottlingException")
	}
	f.Fuzz(func(t *testing.T, payload []byte, failure, entries uint8, code string) {
		bus := fuzzedBus{t: t, failure: steptest.Failure(failure)}
		switch entries % 4 {
		case 1:
			bus.entries = []types.PutEventsResultEntry{{EventId: aws.String("id")}}
		case 2:
			bus.entries = []types.PutEventsResultEntry{{ErrorCode: &code, ErrorMessage: aws.String(steptest.Address)}}
		case 3:
			bus.entries = []types.PutEventsResultEntry{{}, {}}
		}
		s := &RecordAnalytics{Events: bus, Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }}
		steptest.CheckInvoke(t, s.Handle, payload)
	})
}

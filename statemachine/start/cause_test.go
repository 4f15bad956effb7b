package start_test

import (
	"testing"
	"time"

	"example.com/onboarding/statemachine/start"
)

func TestCauseIsTheSameWhereverItIsFound(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.UTC)
	for cause, want := range map[string]string{
		start.CauseStopped("name", at.In(time.FixedZone("", 3600))): "name stopped, 2026-03-01T12:00:00.005Z",
		start.CauseSkipped("State", "why", at.Local()):              "State skipped, why, 2026-03-01T12:00:00.005Z",
	} {
		if cause != want {
			t.Errorf("%q, want %q: executions that were started for it have that name", cause, want)
		}
	}
}

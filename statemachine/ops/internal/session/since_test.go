package session_test

import (
	"testing"
	"time"

	"example.com/onboarding/statemachine/ops/internal/session"
)

func TestSince(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"48h":        now.Add(-48 * time.Hour),
		"90m":        now.Add(-90 * time.Minute),
		"30d":        now.AddDate(0, 0, -30),
		"0d":         now,
		"2026-01-31": time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := session.ParseSince(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "-1d", "30", "2026-13-01", "-48h", "2027-01-01", "99999999d"} {
		if got, err := session.ParseSince(text, now); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

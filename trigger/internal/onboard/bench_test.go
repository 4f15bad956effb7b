package onboard

import (
	"testing"

	"example.com/onboarding/statemachine/dev/allocstest"
)

// inputFrom is the way from the event to the input of the execution.
func inputFrom(tb testing.TB, payload []byte) {
	tb.Helper()
	e, err := ParseEvent(payload)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := e.input([]string{"campaign", "locale", "referrer"}); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkInput(b *testing.B) {
	payload := readFile(b, "../../testdata/confirm_sign_up.json")
	b.ReportAllocs()
	for b.Loop() {
		inputFrom(b, payload)
	}
}

func TestAllocations(t *testing.T) {
	payload := readFile(t, "../../testdata/confirm_sign_up.json")
	allocstest.Check(t, 28, func() { inputFrom(t, payload) })
}

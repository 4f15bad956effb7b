package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// atOnce gives up after one look.
var atOnce = patience{}

// outcome is what a check comes to, as "result: seen".
func outcome(t *testing.T, run func(context.Context) (string, error)) string {
	t.Helper()
	row := check{"check", run}.row(t.Context())
	return string(row.Result) + ": " + row.Seen
}

// want checks the beginning of an outcome.
func want(t *testing.T, name, got, beginning string) {
	t.Helper()
	if !strings.HasPrefix(got, beginning) {
		t.Errorf("%s: %q, want %q", name, got, beginning)
	}
}

func TestWhatIsNotThereIsNotCheckedAndNotOK(t *testing.T) {
	call := func(code string) error {
		return fmt.Errorf("ask: %w", &smithy.OperationError{ServiceID: "IAM", OperationName: "GetRole", Err: opstest.APIError(code)})
	}
	for beginning, err := range map[string]error{
		"ok: seen":         nil,
		"not checked: off": fmt.Errorf("wrapped: %w", uncheckedError("off")),
		"not checked: there is no IAM GetRole here": call("InvalidAction"),
		"not checked: allow iam:GetRole to":         call("AccessDeniedException"),
		"FAILED: ask: ":                             call("ServiceFailure"),
		"FAILED: two lines":                         errors.New("two\nlines"),
	} {
		want(t, beginning, outcome(t, func(context.Context) (string, error) { return "seen", err }), beginning)
	}
}

func TestReportFailsWhenACheckDid(t *testing.T) {
	for result, fails := range map[Result]bool{OK: false, NotChecked: false, Failed: true} {
		s := opstest.NewSession(t)
		report := newReport("onboarding", []Row{{"first", "seen", OK}, {"second", "reason", result}})
		report.print(s.Session)
		if err := report.err(); (err != nil) != fails {
			t.Errorf("%s: %v", result, err)
		}
		if out := s.Out.String(); !strings.Contains(out, "second   "+string(result)) {
			t.Errorf("%s: it prints\n%s", result, out)
		}
	}
}

func TestUntilLooksAgainUntilTheTimeIsUp(t *testing.T) {
	looks := 0
	look := func() (bool, error) { looks++; return looks == 3, nil }
	if so, err := (patience{time.Minute, time.Millisecond}).until(t.Context(), look); !so || err != nil || looks != 3 {
		t.Errorf("%t, %v after %d looks", so, err, looks)
	}
	if so, err := atOnce.until(t.Context(), look); so || err != nil || looks != 4 {
		t.Errorf("without patience: %t, %v after %d looks", so, err, looks)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (patience{time.Minute, time.Second}).until(ended, look); !errors.Is(err, context.Canceled) {
		t.Errorf("when it is interrupted: %v", err)
	}
}

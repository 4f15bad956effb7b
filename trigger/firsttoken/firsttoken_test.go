package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/dev/allocstest"
	"example.com/onboarding/statemachine/dev/metricstest"
	"example.com/onboarding/statemachine/firsttoken"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/trigger/internal/onboard"
)

// services stands for all of AWS: wait is how a call takes its time and fails.
type services struct {
	wait  func(context.Context) error
	calls chan string
	input string
}

func (s *services) call(ctx context.Context, name string) error {
	s.calls <- name
	return s.wait(ctx)
}

func (s *services) AdminGetUser(ctx context.Context, _ *cognito.AdminGetUserInput, _ ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error) {
	return &cognito.AdminGetUserOutput{UserCreateDate: aws.Time(time.Now())}, s.call(ctx, "AdminGetUser")
}

func (s *services) Get(ctx context.Context, _ string) (record.Record, error) {
	return record.Record{}, s.call(ctx, "Get")
}

func (s *services) StartExecution(ctx context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	s.input = *in.Input
	return &sfn.StartExecutionOutput{}, s.call(ctx, "StartExecution")
}

func (s *services) SendMessage(ctx context.Context, _ *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return &sqs.SendMessageOutput{}, s.call(ctx, "SendMessage")
}

func newFirstToken(s *services, log *slog.Logger) *FirstToken {
	return &FirstToken{
		Groups: firsttoken.Groups{Users: s, Records: s, DefaultGroup: "members", Log: log, Now: time.Now},
		Starter: onboard.Starter{
			Executions: s, Queue: s, MetadataKeys: []string{"campaign", "locale", "referrer"}, Log: log,
			Metrics: metrics.Stack{Name: "onboarding", Now: time.Now},
		},
	}
}

// invoke hands the event in a file to a function whose calls take their time so.
func invoke(t *testing.T, file string, wait func(context.Context) error) (s *services, answer []byte, log string) {
	t.Helper()
	s = &services{wait: wait, calls: make(chan string, 10)}
	var logged bytes.Buffer
	answer, err := newFirstToken(s, slog.New(slog.NewJSONHandler(&logged, nil))).Invoke(t.Context(), readFile(t, file))
	if err != nil {
		t.Errorf("Invoke returned the error %v: the sign-in would fail", err)
	}
	close(s.calls)
	if strings.Contains(logged.String(), "jane") {
		t.Errorf("the log has the address: %s", &logged)
	}
	return s, answer, logged.String()
}

func readFile(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

func atOnce(context.Context) error { return nil }

func TestInvitedUserIsOnboardedAndHasTheGroups(t *testing.T) {
	s, answer, log := invoke(t, "testdata/new_password.json", atOnce)
	calls := slices.Sorted(func(yield func(string) bool) {
		for call := range s.calls {
			yield(call)
		}
	})
	if want := []string{"AdminGetUser", "Get", "StartExecution"}; !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
	// The same user and metadata as in the confirmation that the trigger is tested with.
	if want := strings.TrimSpace(string(readFile(t, "../../statemachine/testdata/input.json"))); s.input != want {
		t.Errorf("execution input\n%s, want\n%s", s.input, want)
	}
	if !bytes.Contains(answer, []byte(`"groupsToOverride": ["members"]`)) {
		t.Errorf("answer %s", answer)
	}
	counted := 0
	for line := range strings.Lines(log) {
		values, err := metricstest.Read(line)
		if err != nil {
			t.Errorf("line %s: %v", line, err)
		}
		for _, v := range values {
			if v.Name == "Confirmations" {
				counted++
			}
		}
	}
	if counted != 1 {
		t.Errorf("%d confirmations are counted: %s", counted, log)
	}
}

func TestOtherSignInsStartNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no event files: %v", err)
	}
	for _, file := range files {
		s, _, _ := invoke(t, file, atOnce)
		if started := s.input != ""; started != (filepath.Base(file) == "new_password.json") {
			t.Errorf("%s: started %t", file, started)
		}
	}
}

func TestFailuresLeaveTheEvent(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no event files: %v", err)
	}
	for _, file := range files {
		_, answer, log := invoke(t, file, func(context.Context) error { return errors.New("about jane@example.com") })
		if !bytes.Equal(answer, readFile(t, file)) {
			t.Errorf("%s: answer %s", file, answer)
		}
		if lost := strings.Contains(log, `"StartsLost":1`); lost != (filepath.Base(file) == "new_password.json") {
			t.Errorf("%s: log %s", file, log)
		}
	}
}

// TestAnswersInTimeWhenEverythingHangs runs on a fake clock.
func TestAnswersInTimeWhenEverythingHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		invoke(t, "testdata/new_password.json", func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if got, want := time.Since(began), 3500*time.Millisecond; got != want {
			t.Errorf("answered after %v, want %v", got, want)
		}
	})
}

func BenchmarkInvoke(b *testing.B) {
	f, payload := newFirstToken(nil, slog.New(slog.DiscardHandler)), readFile(b, "testdata/event.json")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Invoke(b.Context(), payload); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAllocationsOfASignInWithGroups(t *testing.T) {
	f, payload := newFirstToken(nil, slog.New(slog.DiscardHandler)), readFile(t, "testdata/event.json")
	allocstest.Check(t, 40, func() {
		if _, err := f.Invoke(context.Background(), payload); err != nil {
			t.Fatal(err)
		}
	})
}

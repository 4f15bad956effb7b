package lambda_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/internal/lambda"
)

// testFunction is the test binary as a function: see TestMain.
func testFunction(t *testing.T) lambda.Function {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatalf("path of the test binary: %v", err)
	}
	return lambda.Function{Name: "echo", ARN: functionARN, Binary: binary, Timeout: 30 * time.Second, MemoryMB: 128}
}

// start returns a service with that function, and the lines that are logged.
func start(t *testing.T, f lambda.Function) (*lambda.Service, chan string) {
	t.Helper()
	lines := make(chan string, 100)
	s := lambda.NewService(func(function, line string) {
		if function != f.Name {
			t.Errorf("line %q logged for function %q; want %q", line, function, f.Name)
		}
		lines <- line
	})
	t.Cleanup(s.Close)
	s.Register(f)
	return s, lines
}

func invoke(t *testing.T, s *lambda.Service, c command) lambda.Result {
	t.Helper()
	result, err := s.Invoke(t.Context(), "echo", mustMarshal(t, c))
	if err != nil {
		t.Fatalf("Invoke(%+v): %v", c, err)
	}
	return result
}

func reportFrom(t *testing.T, s *lambda.Service) report {
	t.Helper()
	result := invoke(t, s, command{Do: "report"})
	if result.Failed {
		t.Fatalf("Invoke(report) failed: %s", result.Payload)
	}
	var r report
	mustUnmarshal(t, result.Payload, &r)
	return r
}

func pidOf(t *testing.T, s *lambda.Service) int {
	t.Helper()
	return reportFrom(t, s).PID
}

// meetIn has invocations wait for each other and returns the processes that
// served them.
func meetIn(t *testing.T, s *lambda.Service, guests int) []int {
	t.Helper()
	payload := mustMarshal(t, command{Do: "meet", Dir: t.TempDir(), Guests: guests})
	answers := make(chan lambda.Result)
	for range guests {
		go func() {
			result, err := s.Invoke(t.Context(), "echo", payload)
			if err != nil {
				t.Errorf("Invoke(meet): %v", err)
			}
			answers <- result
		}()
	}
	var pids []int
	for range guests {
		result := <-answers
		pid, err := strconv.Atoi(string(result.Payload))
		if err != nil {
			t.Fatalf("Invoke(meet) = %s; want a process ID", result.Payload)
		}
		pids = append(pids, pid)
	}
	return pids
}

// cancelled invokes a function that hangs, cancels that when it says so, and
// checks that the process ends.
func cancelled(t *testing.T, s *lambda.Service, lines <-chan string, prefix string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	payload := mustMarshal(t, command{Do: "hold"})
	failed := make(chan error, 1)
	go func() {
		_, err := s.Invoke(ctx, "echo", payload)
		failed <- err
	}()
	pid := waitForPID(t, lines, prefix)
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled Invoke = %v; want %v", err, context.Canceled)
	}
	wantGone(t, pid)
}

// waitForPID returns the number in the first line with that prefix.
func waitForPID(t *testing.T, lines <-chan string, prefix string) int {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case line := <-lines:
			if number, ok := strings.CutPrefix(line, prefix); ok {
				pid, err := strconv.Atoi(number)
				if err != nil {
					t.Fatalf("line %q: %v", line, err)
				}
				return pid
			}
		case <-timeout:
			t.Fatalf("no line %q in 30 s", prefix)
		}
	}
}

func wantFailure(t *testing.T, got lambda.Result, errorType, message string) {
	t.Helper()
	var failure struct{ ErrorType, ErrorMessage string }
	mustUnmarshal(t, got.Payload, &failure)
	if !got.Failed || failure.ErrorType != errorType || !strings.Contains(failure.ErrorMessage, message) {
		t.Errorf("answer = %s, failed %v; want failed with %s and message %q", got.Payload, got.Failed, errorType, message)
	}
}

func wantGone(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there (signal 0: %v)", pid, err)
	}
}

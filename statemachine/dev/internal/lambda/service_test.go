package lambda_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/internal/lambda"
)

const functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:echo"

func TestInvoke(t *testing.T) {
	t.Run("returns the function's answer", func(t *testing.T) {
		s, _ := start(t, testFunction(t))
		got := invoke(t, s, command{Do: "echo", Text: "hello"})
		if got.Failed || string(got.Payload) != `"hello"` {
			t.Errorf("Invoke(echo hello) = %s, failed %v; want %q, not failed", got.Payload, got.Failed, `"hello"`)
		}
	})
	t.Run("names the function's error by its outermost type", func(t *testing.T) {
		s, _ := start(t, testFunction(t))
		got := invoke(t, s, command{Do: "fail", Text: "spent"})
		wantFailure(t, got, "quotaError", "quota: spent")
	})
	t.Run("serves on after a function's error", func(t *testing.T) {
		s, _ := start(t, testFunction(t))
		before := pidOf(t, s)
		invoke(t, s, command{Do: "fail"})
		if after := pidOf(t, s); after != before {
			t.Errorf("process after an error = %d; want %d, the one before", after, before)
		}
	})
	t.Run("serves one after the other with one process", func(t *testing.T) {
		s, _ := start(t, testFunction(t))
		first, second := pidOf(t, s), pidOf(t, s)
		if first != second {
			t.Errorf("processes of two sequential invocations = %d and %d; want one", first, second)
		}
	})
	t.Run("serves concurrent invocations with a process each", func(t *testing.T) {
		s, _ := start(t, testFunction(t))
		pids := meetIn(t, s, 3)
		if distinct := slices.Compact(slices.Sorted(slices.Values(pids))); len(distinct) != 3 {
			t.Errorf("processes of three concurrent invocations = %v; want three", pids)
		}
		if later := pidOf(t, s); !slices.Contains(pids, later) {
			t.Errorf("process of a later invocation = %d; want one of the idle %v", later, pids)
		}
	})
	t.Run("has no function of that name", func(t *testing.T) {
		s, _ := start(t, testFunction(t))
		if _, err := s.Invoke(t.Context(), "nobody", nil); !errors.Is(err, lambda.ErrNoFunction) {
			t.Errorf("Invoke(nobody) = %v; want ErrNoFunction", err)
		}
	})
	t.Run("has no such binary", func(t *testing.T) {
		f := testFunction(t)
		f.Binary = t.TempDir() + "/bootstrap"
		s, _ := start(t, f)
		_, err := s.Invoke(t.Context(), f.Name, nil)
		if !errors.Is(err, os.ErrNotExist) || errors.Is(err, lambda.ErrNoFunction) {
			t.Errorf("Invoke with binary %s = %v; want it not to exist", f.Binary, err)
		}
	})
}

func TestCrash(t *testing.T) {
	t.Run("after a panic a new process serves", func(t *testing.T) {
		s, _ := start(t, testFunction(t))
		before := pidOf(t, s)
		wantFailure(t, invoke(t, s, command{Do: "panic", Text: "at the disco"}), "string", "at the disco")
		if after := pidOf(t, s); after == before {
			t.Errorf("process after the panic = %d; want another than before", after)
		}
	})
	t.Run("an exit is Runtime.ExitError", func(t *testing.T) {
		s, _ := start(t, testFunction(t))
		before := pidOf(t, s)
		wantFailure(t, invoke(t, s, command{Do: "exit"}), "Runtime.ExitError", "exit status 3")
		wantGone(t, before)
		if after := pidOf(t, s); after == before {
			t.Errorf("process after the exit = %d; want another than before", after)
		}
	})
	t.Run("an exit during init is Runtime.ExitError", func(t *testing.T) {
		f := testFunction(t)
		f.Environment = map[string]string{atInit: "exit"}
		s, _ := start(t, f)
		for range 2 { // the second one must not get the dead process
			wantFailure(t, invoke(t, s, command{Do: "echo"}), "Runtime.ExitError", "exit status 4")
		}
	})
	t.Run("a timeout is Sandbox.Timedout and ends the process", func(t *testing.T) {
		f := testFunction(t)
		f.Timeout = 3 * time.Second
		s, _ := start(t, f)
		before := pidOf(t, s)
		began := time.Now()
		wantFailure(t, invoke(t, s, command{Do: "hold"}), "Sandbox.Timedout", "Task timed out after 3.00 seconds")
		if took := time.Since(began); took < f.Timeout {
			t.Errorf("timed out after %v; want %v", took, f.Timeout)
		}
		wantGone(t, before)
		if after := pidOf(t, s); after == before {
			t.Errorf("process after the timeout = %d; want another than before", after)
		}
	})
}

func TestRenew(t *testing.T) {
	s, _ := start(t, testFunction(t))
	idle := pidOf(t, s)
	s.Renew("echo")
	wantGone(t, idle)
	before := pidOf(t, s)
	if before == idle {
		t.Errorf("process %d serves on; want a new one", before)
	}
	payload := mustMarshal(t, command{Do: "meet", Dir: t.TempDir(), Guests: 2})
	answer := make(chan lambda.Result, 1)
	go func() {
		result, err := s.Invoke(t.Context(), "echo", payload)
		if err != nil {
			t.Errorf("Invoke(meet) = %v; want its answer in spite of Renew", err)
		}
		answer <- result
	}()
	for !slices.ContainsFunc(s.Processes(), func(p lambda.Process) bool { return p.Invocations == 2 }) {
		time.Sleep(time.Millisecond)
	}
	s.Renew("echo")
	result, err := s.Invoke(t.Context(), "echo", payload)
	if err != nil || result.Failed {
		t.Fatalf("Invoke(meet) = %s, %v; want its answer", result.Payload, err)
	}
	if busy := <-answer; busy.Failed || string(busy.Payload) != strconv.Itoa(before) || string(result.Payload) == strconv.Itoa(before) {
		t.Errorf("processes of two invocations = %s and %s; want %d, which was busy, and a new one", busy.Payload, result.Payload, before)
	}
	for _, p := range s.Processes() {
		if p.PID == before {
			t.Errorf("process %d serves on; want it gone with its answer", before)
		}
	}
	wantGone(t, before)
}

func TestCancel(t *testing.T) {
	t.Run("during the invocation ends the process", func(t *testing.T) {
		s, lines := start(t, testFunction(t))
		cancelled(t, s, lines, "holding ")
	})
	t.Run("during init ends the process", func(t *testing.T) {
		f := testFunction(t)
		f.Environment = map[string]string{atInit: "hang"}
		s, lines := start(t, f)
		cancelled(t, s, lines, "hanging ")
	})
}

func TestClose(t *testing.T) {
	s, lines := start(t, testFunction(t))
	pids := meetIn(t, s, 2)
	answer := make(chan lambda.Result, 1)
	go func() {
		result, err := s.Invoke(context.WithoutCancel(t.Context()), "echo", mustMarshal(t, command{Do: "hold"}))
		if err != nil {
			t.Errorf("Invoke(hold) = %v; want a failed result", err)
		}
		answer <- result
	}()
	pids = append(pids, waitForPID(t, lines, "holding "))
	s.Close()
	for _, pid := range pids {
		wantGone(t, pid)
	}
	wantFailure(t, <-answer, "Runtime.ExitError", "signal: killed")
	if _, err := s.Invoke(t.Context(), "echo", nil); err == nil {
		t.Error("Invoke after Close succeeded; want an error")
	}
	s.Close() // a second time does nothing
}

func TestEnvironment(t *testing.T) {
	t.Setenv("TEST_OF_THE_HOST", "must not be seen")
	f := testFunction(t)
	f.MemoryMB = 256
	f.Environment = map[string]string{"GROUP": "members", "TZ": "Europe/Berlin"}
	s, _ := start(t, f)
	got := reportFrom(t, s)
	for key, want := range map[string]string{
		"AWS_LAMBDA_FUNCTION_NAME":        "echo",
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"_HANDLER":                        "bootstrap",
		"GROUP":                           "members",
		"TZ":                              "Europe/Berlin",
	} {
		if value, _ := got.variable(key); value != want {
			t.Errorf("variable %s = %q; want %q", key, value, want)
		}
	}
	if value, ok := got.variable("TEST_OF_THE_HOST"); ok {
		t.Errorf("variable TEST_OF_THE_HOST = %q; want none: it is the host's", value)
	}
}

func TestInvocationHeaders(t *testing.T) {
	f := testFunction(t)
	s, _ := start(t, f)
	pidOf(t, s) // so that no start lies between the two times
	earliest := time.Now().Add(f.Timeout).Truncate(time.Millisecond)
	first := reportFrom(t, s)
	latest := time.Now().Add(f.Timeout)
	if first.Deadline.Before(earliest) || first.Deadline.After(latest) {
		t.Errorf("deadline = %v; want it between %v and %v", first.Deadline, earliest, latest)
	}
	if first.ARN != f.ARN {
		t.Errorf("ARN of the invoked function = %q; want %q", first.ARN, f.ARN)
	}
	if second := reportFrom(t, s); first.RequestID == "" || second.RequestID == first.RequestID {
		t.Errorf("request IDs of two invocations = %q, %q; want two", first.RequestID, second.RequestID)
	}
}

func TestTrace(t *testing.T) {
	s, _ := start(t, testFunction(t))
	const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	result, err := s.Invoke(lambda.WithTrace(t.Context(), header), "echo", mustMarshal(t, command{Do: "report"}))
	if err != nil {
		t.Fatalf("Invoke(report): %v", err)
	}
	var got report
	mustUnmarshal(t, result.Payload, &got)
	if variable, _ := got.variable("_X_AMZN_TRACE_ID"); got.Trace != header || variable != header {
		t.Errorf("trace = %q, variable %q; want the caller's %q", got.Trace, variable, header)
	}
	first, second := reportFrom(t, s).Trace, reportFrom(t, s).Trace
	form := regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$`)
	if !form.MatchString(first) || !form.MatchString(second) || first == second {
		t.Errorf("traces of callers without one = %q, %q; want two that match %v", first, second, form)
	}
}

func TestLogOfAnUnfinishedLine(t *testing.T) {
	s, lines := start(t, testFunction(t))
	invoke(t, s, command{Do: "exit", Text: "last words"})
	if got := <-lines; got != "last words" {
		t.Errorf("line logged = %q; want %q", got, "last words")
	}
}

func TestLog(t *testing.T) {
	s, lines := start(t, testFunction(t))
	long := strings.Repeat("0123456789", 20_000)
	invoke(t, s, command{Do: "print", Text: long})
	s.Close() // everything printed is logged then
	close(lines)
	var got []string
	for line := range lines {
		got = append(got, line)
	}
	want := []string{"first line", long, "from Windows", "", "an error"}
	if !slices.Equal(got, want) {
		t.Errorf("lines logged = %.300q; want %.300q", got, want)
	}
}

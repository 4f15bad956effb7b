package local_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
)

const (
	crowd    = 200 // users that are onboarded one soon after the other
	atOnce   = 4   // of them
	warmedUp = 50  // invocations after which a process has what it keeps
	growth   = 1.5 // how much more memory it may have in the end
)

// callsSince counts the functions' calls that began after that time, by function and
// operation. The attempts of one are one, whatever they were answered: what an attempt has
// done whose answer came too late, the next one finds done.
func callsSince(aws *local.AWS, began time.Time) map[string]int {
	counts := make(map[string]int)
	for _, c := range once(aws.Calls(func(c local.Call) bool {
		return strings.HasSuffix(c.AccessKeyID, "Function") && c.Time.After(began)
	})) {
		counts[c.AccessKeyID+" "+c.Action]++
	}
	return counts
}

// What one onboarding does is what each of a crowd gets, once: so the test knows no
// step.
func TestACrowdIsOnboardedOnceEachInTheSameMemory(t *testing.T) {
	aws := startAWS(t)
	began := time.Now()
	u := signUp(t, aws)
	confirm(t, aws, u)
	waitForMail(t, aws, u)
	want := callsSince(aws, began)
	if len(want) == 0 {
		t.Fatal("an onboarding without calls")
	}
	for call := range want {
		want[call] *= crowd
	}
	memory := newMemory(t, aws)
	began = time.Now()
	onboardCrowd(t, aws, memory.sample)
	var got map[string]int
	if !becomes(func() bool { // nobody waits for the functions that SES's receipts invoke
		got = callsSince(aws, began)
		return maps.Equal(got, want)
	}) {
		t.Errorf("calls for %d users:\n%v, want those of one, as often as there are users:\n%v", crowd, got, want)
	}
	memory.check()
}

// onboardCrowd signs the crowd up and confirms, and calls done after each execution.
func onboardCrowd(t *testing.T, aws *local.AWS, done func()) {
	t.Helper()
	due := make(chan int)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for i := range due {
				if err := onboardOne(t.Context(), aws, i); err != nil {
					t.Errorf("user %d: %v", i, err)
				}
				done()
			}
		})
	}
	for i := range crowd {
		due <- i
	}
	close(due)
	workers.Wait()
}

func onboardOne(ctx context.Context, aws *local.AWS, i int) error {
	u := local.User{Email: fmt.Sprintf("crowd-%d@example.com", i), Name: "Zoë"}
	sub, err := aws.SignUp(ctx, u)
	if err != nil {
		return err
	}
	if err := aws.Confirm(ctx, u, nil); err != nil {
		return err
	}
	execution, err := aws.WaitStarted(ctx, sub)
	if err != nil {
		return err
	}
	path := execution.Path()
	if execution.Status != types.ExecutionStatusSucceeded || len(path) != len(execution.Attempts) {
		return fmt.Errorf("execution %s with %d attempts at %v", execution.Status, len(execution.Attempts), path)
	}
	return nil
}

// memory is what the processes of the functions take, once they are warmed up and now.
type memory struct {
	t   *testing.T
	aws *local.AWS

	mu          sync.Mutex
	first, last map[local.Process]int // in kB; the process with no invocations
}

func newMemory(t *testing.T, aws *local.AWS) *memory {
	t.Helper()
	return &memory{t: t, aws: aws, first: make(map[local.Process]int), last: make(map[local.Process]int)}
}

func (m *memory) sample() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.aws.Processes() {
		kB := residentMemory(p.PID)
		if kB == 0 || p.Invocations < warmedUp {
			continue
		}
		p.Invocations = 0
		if m.first[p] == 0 {
			m.first[p] = kB
		}
		m.last[p] = kB
	}
}

func (m *memory) check() {
	m.t.Helper()
	if runtime.GOOS != "linux" {
		m.t.Log("memory is measured on Linux only")
		return
	}
	judged := make(map[string]bool)
	for p, first := range m.first {
		judged[p.Function] = true
		if last := m.last[p]; float64(last) > growth*float64(first) {
			m.t.Errorf("%s had %d kB after %d invocations, and %d kB in the end", p.Function, first, warmedUp, last)
		}
	}
	for _, p := range m.aws.Processes() {
		if !judged[p.Function] {
			m.t.Errorf("no process of %s had %d invocations", p.Function, warmedUp)
		}
	}
}

// residentMemory is the resident memory of a process in kB; 0 if it is not known.
func residentMemory(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0 // it has ended
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kB, _ := strconv.Atoi(fields[0])
	return kB
}

package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/onboarding/statemachine/local"
	"example.com/onboarding/statemachine/local/localtest"
)

// shared is the local AWS of the workflow tests, and children its stand-ins.
var (
	shared   localtest.Shared
	children *standIns
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "stand-ins" { // startStandIns starts this program again
		main()
		return
	}
	code := shared.Main(m)
	if children != nil {
		children.stop()
	}
	os.Exit(code)
}

var begin sync.Once

func startAWS(t *testing.T) *local.AWS {
	t.Helper()
	localtest.Require(t)
	begin.Do(func() {
		var err error
		children, err = startStandIns(context.Background(), []string{"states", "cognito-idp", "dynamodb", "ses", "events"})
		if err != nil {
			t.Fatal(err)
		}
		shared.Options = children.options(local.Options{Root: "../../..", Build: "../../../.local/test", FastRetries: true, NoRecord: true})
	})
	return shared.Start(t)
}

// load has users sign up with a fault, and returns the report.
func load(t *testing.T, users int, fault func(*local.AWS) local.Fault) *report {
	t.Helper()
	aws := startAWS(t)
	if fault != nil {
		t.Cleanup(aws.AddFault(fault(aws)))
	}
	p := Plan{Users: users, Rate: 30, Think: 100 * time.Millisecond, Repeat: 5, Reset: 10, Drain: 20 * time.Second}
	r, err := p.do(t.Context(), aws, children, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// once answers the first call of an action of a function with the handler.
func once(action, function string, handler http.Handler) local.Fault {
	var mu sync.Mutex
	done := false
	return func(c local.Call) http.Handler {
		mu.Lock()
		defer mu.Unlock()
		if done || c.Action != action || c.AccessKeyID != function {
			return nil
		}
		done = true
		return handler
	}
}

func TestLoadOnboardsEachUserOnce(t *testing.T) {
	r := load(t, 30, nil)
	if !r.clean() {
		t.Errorf("report\n%s", r.markdown(runCommand{}))
	}
	for _, e := range r.effects {
		if e.seen != 30 {
			t.Errorf("%s: %d, want 30", e.what, e.seen)
		}
	}
	if r.repeats != 6 || r.resets != 3 {
		t.Errorf("%d repeated events and %d resets, want 6 and 3", r.repeats, r.resets)
	}
	if n := r.errors["states StartExecution ExecutionAlreadyExists"]; n < 3 {
		t.Errorf("%d repeated events found their execution ended, want at least the 3 that came when all was over", n)
	}
	for _, l := range r.latencies {
		if len(l.values) < 30 || l.values[0] <= 0 {
			t.Errorf("latencies of %s: %v", l.what, l.values)
		}
	}
}

func TestLostUserIsReported(t *testing.T) {
	r := load(t, 5, func(*local.AWS) local.Fault {
		return once("PutEvents", "RecordAnalyticsFunction", &local.APIError{Status: 400, Code: "AccessDeniedException"})
	})
	if len(r.lost) != 1 || len(r.doubled) != 0 || r.failed["ConfigurationError"] != 1 || r.clean() {
		t.Errorf("report\n%s", r.markdown(runCommand{}))
	}
}

// TestSecondMailIsReported takes the record away that keeps a mail from being sent
// twice, and loses the step's answer.
func TestSecondMailIsReported(t *testing.T) {
	r := load(t, 5, func(aws *local.AWS) local.Fault {
		lose := once("Invoke", "", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			aws.Forward(httptest.NewRecorder(), r)
			(&local.APIError{Status: 500, Code: "ServiceException"}).ServeHTTP(w, r)
		}))
		return func(c local.Call) http.Handler {
			switch {
			case c.Action == "PutItem":
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }) //nolint:errcheck // the step notices
			case strings.Contains(c.Function, "SendWelcomeEmail"):
				return lose(c)
			}
			return nil
		}
	})
	if len(r.doubled) != 1 || len(r.lost) != 0 || r.clean() || r.stepRetries < 1 {
		t.Errorf("report\n%s", r.markdown(runCommand{}))
	}
}

func TestRefusedUserIsReported(t *testing.T) {
	r := load(t, 5, func(*local.AWS) local.Fault {
		return once("SignUp", "", &local.APIError{Status: 400, Code: "TooManyRequestsException"})
	})
	if r.refused["TooManyRequestsException"] != 1 || len(r.lost) != 1 || r.clean() {
		t.Errorf("report\n%s", r.markdown(runCommand{}))
	}
}

func TestRepeatedCallIsCounted(t *testing.T) {
	r := load(t, 5, func(*local.AWS) local.Fault {
		return once("AdminAddUserToGroup", "AddUserToGroupFunction", &local.APIError{Status: 500, Code: "InternalErrorException"})
	})
	if r.retried["cognito-idp AdminAddUserToGroup"] != 1 || !r.clean() {
		t.Errorf("report\n%s", r.markdown(runCommand{}))
	}
}

func samples(values ...int64) process {
	var p process
	began := time.Unix(0, 0)
	for i := range 60 {
		p.samples = append(p.samples, sample{began.Add(time.Duration(i+1) * time.Second), values[i*len(values)/60] << 20})
	}
	return p
}

func TestMemoryIsFlatWithinTheTolerance(t *testing.T) {
	from, until := time.Unix(0, 0), time.Unix(100, 0)
	for _, test := range []struct {
		name  string
		p     process
		flat  bool
		first int64
	}{
		{"still", samples(100), true, 100},
		{"a tenth more", samples(100, 105, 110), true, 100},
		{"more than a tenth", samples(100, 105, 112), false, 100},
		{"small, and 4 MB more", samples(10, 12, 14), true, 10},
		{"small, and 5 MB more", samples(10, 12, 15), false, 10},
	} {
		g := growthOf(test.p, from, until)
		if g.flat() != test.flat || !g.judged || g.first != test.first<<20 {
			t.Errorf("%s: %+v, flat %t, want %t", test.name, g, g.flat(), test.flat)
		}
	}
	if g := growthOf(samples(1, 100), from, time.Unix(20, 0)); g.judged {
		t.Errorf("%d seconds were judged: %+v", 20, g)
	}
}

func TestPercentileIsOfTheNearestRank(t *testing.T) {
	var values []time.Duration
	for i := range 200 {
		values = append(values, time.Duration(i+1))
	}
	for p, want := range map[float64]time.Duration{50: 100, 99: 198, 99.9: 200, 100: 200} {
		if got := percentile(values, p); got != want {
			t.Errorf("p%g of 1 to 200 is %d, want %d", p, got, want)
		}
	}
	if got := percentile(nil, 50); got != 0 {
		t.Errorf("percentile of nothing is %v", got)
	}
}

func TestReportIsWrittenBetweenItsMarks(t *testing.T) {
	file := t.TempDir() + "/README.md"
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + begins + "old\n" + ends + "after\n")
	if err := updateReadme(file, "new\n"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "before\n" + begins + "new\n" + ends + "after\n"; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	write("no marks")
	if err := updateReadme(file, "new\n"); err == nil {
		t.Error("a file without marks was written")
	}
}

func TestReadmeHasThePlaceForTheReport(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, after, found := strings.Cut(string(text), begins); !found || !strings.Contains(after, ends) {
		t.Error("the README has no marks")
	}
}

func TestRunOnABusyMachineIsNotClean(t *testing.T) {
	late := make([]time.Duration, 100)
	if r := (report{late: late}); !r.clean() {
		t.Error("a run whose generator kept the rate is not clean")
	}
	late[98], late[99] = 2*time.Second, 2*time.Second
	if r := (report{late: late}); r.clean() || !strings.Contains(r.verdict(), "not free") {
		t.Errorf("a run whose generator was late: %s", r.verdict())
	}
}

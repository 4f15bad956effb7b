package cost_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/numbers/cost"
	"example.com/onboarding/statemachine/dev/numbers/usage"
	"example.com/onboarding/statemachine/dev/project"
)

// onboarding is one of a trigger, a step that writes and mails, one that calls nothing,
// and a function for what was deferred.
func onboarding(t *testing.T) *cost.Onboarding {
	t.Helper()
	p, u := fixture()
	o, err := cost.New(p, u)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func fixture() (*project.Project, usage.Usage) {
	p := &project.Project{}
	for _, name := range []string{"Deferred", "One", "Trigger", "Two"} {
		p.Functions = append(p.Functions, project.Function{LogicalID: name + "Function", Name: name, MemorySize: 128})
	}
	p.Steps = []project.Step{{State: "One", Function: p.Functions[1]}, {State: "Two", Function: p.Functions[3]}}
	return p, usage.Usage{Functions: map[string]usage.Function{
		"Trigger": {
			Done:   usage.Attempt{Calls: []string{"states StartExecution"}, LogLines: 1, LogBytes: 400},
			Failed: usage.Attempt{Calls: []string{"sqs SendMessage"}, Refused: 3, LogLines: 1, LogBytes: 500},
		},
		"Deferred": {Done: usage.Attempt{Calls: []string{"states StartExecution"}, LogLines: 1}, OnFailure: true},
		"One":      {Done: usage.Attempt{Calls: []string{"dynamodb PutItem", "ses SendEmail"}, LogLines: 1}, Failed: usage.Attempt{Refused: 1, LogLines: 2}},
		"Two":      {Done: usage.Attempt{LogLines: 1}},
	}}
}

// TestUserUsesWhatTheStepsDo counts by hand.
func TestUserUsesWhatTheStepsDo(t *testing.T) {
	for failing, want := range map[float64]cost.Use{
		0: {cost.Transition: 2, cost.Request: 3, cost.Mail: 1, cost.Write: 1, cost.Event: 0, cost.QueueCall: 0},
		1: {cost.Transition: 4, cost.Request: 6, cost.Mail: 1, cost.Write: 1, cost.Event: 0, cost.QueueCall: 3},
	} {
		got := onboarding(t).Use(1, failing)
		for p, units := range want {
			if !near(got[p], units) {
				t.Errorf("with %g failing: %v %s, want %v", failing, got[p], p.What, units)
			}
		}
	}
}

func TestSecondsAreThoseOfTheCalls(t *testing.T) {
	want := 1e6 * 0.125 * (3*(cost.CPUMillis+cost.ColdStarts*cost.InitMillis) + 3*cost.CallMillis) / 1000
	if got := onboarding(t).Use(1e6, 0)[cost.ArmSecond]; !near(got, want) {
		t.Errorf("%v GB-seconds, want %v", got, want)
	}
}

func TestCallWithoutAPriceIsTold(t *testing.T) {
	p, u := fixture()
	u.Functions["Two"] = usage.Function{Done: usage.Attempt{Calls: []string{"sns Publish", "sns Publish"}}}
	o, err := cost.New(p, u)
	if err != nil {
		t.Fatal(err)
	}
	if got := o.Unpriced(); !slices.Equal(got, []string{"sns Publish"}) {
		t.Errorf("calls without a price: %q, want sns Publish once", got)
	}
}

func TestFunctionThatWasNotMeasuredIsRefused(t *testing.T) {
	p, u := fixture()
	delete(u.Functions, "Two")
	if _, err := cost.New(p, u); err == nil || !strings.Contains(err.Error(), "Two") {
		t.Errorf("error %v, want one that names the function", err)
	}
}

// TestTracesAreTheFirstOfEachSecondAndATwentieth knows that a million users in 30 days
// come one in 2.6 seconds.
func TestSweepIsMostlyReads(t *testing.T) {
	// 500,000 reads, 1,112 seconds of 128 MB, 9 transitions, 4 requests
	if got, want := cost.Sweep(1e6).Dollars(), 0.0625+0.00185+0.000225+0.0000008; math.Abs(got-want) > 1e-4 {
		t.Errorf("a sweep over a million users costs $%v, want $%v", got, want)
	}
}

func TestTracesAreTheFirstOfEachSecondAndATwentieth(t *testing.T) {
	const seconds = cost.SpreadDays * 24 * 3600
	first := seconds * (1 - math.Exp(-1e6/float64(seconds)))
	if got, want := onboarding(t).Use(1e6, 0)[cost.Trace], first+0.05*(1e6-first); !near(got, want) || want < 8e5 {
		t.Errorf("%v traces, want %v", got, want)
	}
}

// TestTemplateIsWhatThePricesAreFor reads template.yaml: one architecture and memory
// for all functions, a machine that is billed by transition, and how long logs are kept.
func TestTemplateIsWhatThePricesAreFor(t *testing.T) {
	text := template(t)
	for _, once := range []string{"Architectures:", "MemorySize:"} {
		if strings.Count(text, once) != 1 {
			t.Errorf("template.yaml has %s %d times", once, strings.Count(text, once))
		}
	}
	for _, want := range []string{
		"Architectures: [arm64]", "Type: STANDARD", "kept.\n    Default: 90\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("template.yaml has no %s", want)
		}
	}
}

// The log of the events is a step's, with which it may go.
func TestLogsOfEventsAreKeptAsLongAsIsCounted(t *testing.T) {
	for _, days := range regexp.MustCompile(`RetentionInDays: (\d+)`).FindAllStringSubmatch(template(t), -1) {
		if days[1] != "400" {
			t.Errorf("template.yaml keeps a log for %s days, which are counted as 400", days[1])
		}
	}
}

// TestDashboardCountsWithTheSamePrices reads the cost widget in template.yaml.
func TestDashboardCountsWithTheSamePrices(t *testing.T) {
	text := template(t)
	for _, want := range []string{
		fmt.Sprintf("$%g;", cost.Transition.Dollars),
		fmt.Sprintf("requests of Lambda $%.2f, a GB-second (arm64) $%.10f;", cost.Request.Dollars, cost.ArmSecond.Of(1)),
		fmt.Sprintf("1,000,000 writes $%g; 1 GB of logs $%.2f.", cost.Write.Dollars, cost.LogGB.Dollars),
		fmt.Sprintf("1,000 mails $%.2f or 1,000,000 events $%g;", cost.Mail.Dollars, cost.Event.Dollars),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the dashboard does not have %q", want)
		}
	}
}

func template(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

package cost_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/cost"
)

// TestTransitionsAreNearlyAllOfTheWorkflowsOwnCost is the claim that the design rests on:
// a state saved is worth more than any speed.
func TestTransitionsAreNearlyAllOfTheWorkflowsOwnCost(t *testing.T) {
	for _, f := range failing {
		if share := ownShare(use(t, onboarding(t), million, f)); share < 95 || share >= 100 {
			t.Errorf("%g of the attempts failing: transitions are %.1f %% of the own cost, want 95 to 100", f, share)
		}
	}
}

func TestAStateMoreIsATransitionMore(t *testing.T) {
	longer := strings.Replace(statemachine.Definition, `"StartAt": "AddUserToGroup",
  "States": {`, `"StartAt": "First",
  "States": {
    "First": {"Type": "Pass", "Next": "AddUserToGroup"},`, 1)
	usage, err := cost.MeasuredUsage()
	if err != nil {
		t.Fatal(err)
	}
	if _, err = cost.New([]byte(templateText(t)), longer, usage); err == nil || !strings.Contains(err.Error(), "First") {
		t.Errorf("a state without a function: error %v, want one that names it", err)
	}
	usage.Functions["First"] = usage.Functions["AddUserToGroup"]
	text := strings.Replace(templateText(t), "  AddUserToGroupFunction:\n", "  FirstFunction:\n    Type: AWS::Serverless::Function\n\n  AddUserToGroupFunction:\n", 1)
	o, err := cost.New([]byte(text), longer, usage)
	if err != nil {
		t.Fatal(err)
	}
	more := use(t, o, million, 0)[cost.Transition] - use(t, onboarding(t), million, 0)[cost.Transition]
	if more != million {
		t.Errorf("%v transitions more for a million users, want a million", more)
	}
}

func TestWhatIsNotBilledByTransitionIsRefused(t *testing.T) {
	usage, err := cost.MeasuredUsage()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(templateText(t), "Type: STANDARD", "Type: EXPRESS", 1)
	if _, err := cost.New([]byte(text), statemachine.Definition, usage); err == nil {
		t.Error("an Express workflow was taken for a Standard one")
	}
	choice := strings.Replace(statemachine.Definition, `"Type": "Task"`, `"Type": "Choice"`, 1)
	if _, err := cost.New([]byte(templateText(t)), choice, usage); err == nil || !strings.Contains(err.Error(), "Choice") {
		t.Errorf("a Choice: error %v, want one that names it", err)
	}
}

func TestCallWithoutAPriceIsRefused(t *testing.T) {
	usage, err := cost.MeasuredUsage()
	if err != nil {
		t.Fatal(err)
	}
	usage.Functions["SaveProfile"].Done.Calls["s3 PutObject"] = 1
	o, err := cost.New([]byte(templateText(t)), statemachine.Definition, usage)
	if err != nil {
		t.Fatal(err)
	}
	if u, err := o.Use(1, 0); err == nil || !strings.Contains(err.Error(), "s3 PutObject") {
		t.Errorf("got %v and the error %v, want one that names the call", u, err)
	}
}

// TestUserUsesWhatTheDesignSays counts by hand what an onboarding is to cause.
func TestUserUsesWhatTheDesignSays(t *testing.T) {
	want := cost.Use{cost.Transition: 4, cost.Request: 5, cost.Mail: 1, cost.Write: 3, cost.Event: 1, cost.Read: 0, cost.QueueCall: 0}
	allFail := cost.Use{cost.Transition: 8, cost.Request: 10, cost.Mail: 1, cost.Write: 5, cost.Event: 1, cost.Read: 0, cost.QueueCall: 3}
	for f, want := range map[float64]cost.Use{0: want, 1: allFail} {
		got := use(t, onboarding(t), 1, f)
		for p, units := range want {
			if !near(got[p], units) {
				t.Errorf("with %g failing: %v %s, want %v", f, got[p], p.What, units)
			}
		}
	}
}

func TestParallelStateIsATransitionMore(t *testing.T) {
	o := onboarding(t)
	parallel, err := o.InParallel()
	if err != nil {
		t.Fatal(err)
	}
	n, err := o.Transitions()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parallel.Transitions(); err != nil || got != n+1 {
		t.Errorf("%d transitions (error %v), want %d", got, err, n+1)
	}
}

func TestTracesAreTheFirstOfEachSecondAndATwentieth(t *testing.T) {
	for _, test := range []struct{ users, seconds, want float64 }{
		{1, 1e9, 1},                   // alone in its second
		{1e6, 1, 1 + 0.05*(1e6-1)},    // all in one second
		{1e6, 1e12, 1e6},              // each in a second of its own, but for one in a million
		{864e3, 86400, 0.145 * 864e3}, // ten a second
	} {
		if got := cost.Traces(test.users, test.seconds); math.Abs(got-test.want) > 1+test.want/1000 {
			t.Errorf("%v users in %v s: %v traces, want %v", test.users, test.seconds, got, test.want)
		}
	}
}

// TestDashboardCountsWithTheSamePrices reads the cost widget in template.yaml.
func TestDashboardCountsWithTheSamePrices(t *testing.T) {
	text := templateText(t)
	g := func(p cost.Price) string { return fmt.Sprintf("%g", p.Dollars) }
	memory := firstNumber(t, "../../../template.yaml", `MemorySize: (\d+)`) / 1024
	if strings.Count(text, "MemorySize:") != 1 || strings.Count(text, "Architectures:") != 1 {
		t.Error("functions differ in memory or architecture, and the dashboard has one price for all")
	}
	for _, want := range []string{
		g(cost.Transition) + " * SUM(SEARCH(",
		"(" + g(cost.Request) + " * SUM(SEARCH(",
		fmt.Sprintf(" + %s * %g * SUM(SEARCH(", g(cost.ArmSecond), memory),
		g(cost.Write) + " * SUM(SEARCH(",
		g(cost.LogGB) + " * FILL(bytes, 0) / 1000000000",
		fmt.Sprintf("which are the attempts of steps, $%s;", g(cost.Transition)),
		fmt.Sprintf("requests of Lambda $%.2f, a GB-second (arm64) $%.10f;", cost.Request.Dollars, cost.ArmSecond.Of(1)),
		fmt.Sprintf("1,000,000 writes $%s; 1 GB of logs $%.2f.", g(cost.Write), cost.LogGB.Dollars),
		fmt.Sprintf("1,000 mails $%.2f or 1,000,000 events $%s;", cost.Mail.Dollars, g(cost.Event)),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the dashboard does not have %q", want)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }

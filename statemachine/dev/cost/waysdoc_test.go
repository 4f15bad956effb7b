package cost_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/cost"
)

// way is another way to build the workflow.
type way struct {
	name    string
	use     func(users, failing float64) (cost.Use, error)
	givesUp string
}

func ways(t *testing.T, o *cost.Onboarding) []way {
	t.Helper()
	parallel, err := o.InParallel()
	if err != nil {
		t.Fatal(err)
	}
	return []way{
		{"this workflow", o.Use, ""},
		{
			"all but the first and the last state in a Parallel state", parallel.Use,
			"The Parallel state is a transition too. It gains milliseconds for which nobody waits; a branch that fails for good ends the others.",
		},
		{
			"all in the trigger", func(users, _ float64) (cost.Use, error) { return o.InTrigger(users) },
			fmt.Sprintf("Every retry. With 1 %% of the steps failing, %.1f %% of the users lack something, with 10 %% %.1f %%. The user waits for all of it, five seconds at most; nothing can be redriven.",
				o.Incomplete(0.01)*100, o.Incomplete(0.10)*100),
		},
		{
			"an Express workflow", o.Express,
			"It ends after five minutes, so that no daily quota of SES can be waited out; has no redrive, no history but in logs, and may run twice for one user.",
		},
		{
			"a durable function", o.Durable,
			"A definition that operators read and find in a console; a role for each step.",
		},
	}
}

// writeWays compares what the ways to build it cost themselves: orchestration and Lambda.
func writeWays(t *testing.T, b *strings.Builder, o *cost.Onboarding) {
	t.Helper()
	b.WriteString(waysIntro)
	for _, w := range ways(t, o) {
		fmt.Fprintf(b, "| %s |", w.name)
		for i, f := range failing {
			u, err := w.use(million, f)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				fmt.Fprintf(b, " %s |", billedUnits(u))
			}
			fmt.Fprintf(b, " %s |", money(u.Own()))
		}
		fmt.Fprintf(b, " %s |\n", w.givesUp)
	}
	b.WriteString(waysNotes)
}

// billedUnits says what an onboarding is billed for in the place of transitions.
func billedUnits(u cost.Use) string {
	for _, p := range []cost.Price{cost.Transition, cost.DurableOperation, cost.ExpressRequest} {
		if u[p] > 0 {
			if what, one := strings.CutSuffix(p.What, "s"); one && u[p] == million {
				return "1 " + what
			}
			return number(u[p]/million) + " " + p.What
		}
	}
	return "0 state transitions"
}

// writeStates says of each state why it is one.
func writeStates(t *testing.T, b *strings.Builder, o *cost.Onboarding) {
	t.Helper()
	fmt.Fprintf(b, statesIntro, number(float64(len(o.States()))), money(cost.Transition.Of(million)))
	for _, name := range o.States() {
		reason, given := reasons[name]
		if !given {
			t.Fatalf("%s costs %s a million users, and nobody has said what for", name, money(cost.Transition.Of(million)))
		}
		fmt.Fprintf(b, "- **%s**: %s\n", name, reason)
	}
}

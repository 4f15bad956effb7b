package cost_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/cost"
)

// smallTemplate has what New reads; size is in each function's properties, and trigger
// only in the trigger's.
func smallTemplate(size, trigger string) string {
	var b strings.Builder
	b.WriteString(`Globals: {Function: {MemorySize: 128, Architectures: [arm64]}}
Parameters: {LogRetentionDays: {Default: 90}}
Resources:
  OnboardingStateMachine: {Properties: {Type: STANDARD}}
  AnalyticsLogGroup: {Properties: {RetentionInDays: 400}}
`)
	function := "  %sFunction: {Type: AWS::Serverless::Function, Properties: {%s}}\n"
	for _, name := range []string{"StartDeferred", "AddUserToGroup", "SaveProfile", "SendWelcomeEmail", "RecordAnalytics"} {
		fmt.Fprintf(&b, function, name, size)
	}
	fmt.Fprintf(&b, function, "Trigger", size+trigger)
	return b.String()
}

func TestMemoryAndArchitectureAreThoseOfTheTemplate(t *testing.T) {
	seconds := func(size, trigger string) (arm, x86 float64) {
		u := use(t, onboardingOf(t, smallTemplate(size, trigger), statemachine.Definition), million, 0)
		return u[cost.ArmSecond], u[cost.X86Second]
	}
	now, _ := seconds("", "")
	for _, test := range []struct {
		size, trigger    string
		wantARM, wantX86 float64
	}{
		{"MemorySize: 256", "", 2 * now, 0},
		{"Architectures: [x86_64]", "", 0, now},
		{"", "MemorySize: 1024", now + 7*triggerSeconds, 0},
		{"", "Architectures: [x86_64]", now - triggerSeconds, triggerSeconds},
	} {
		if arm, x86 := seconds(test.size, test.trigger); !near(arm, test.wantARM) || !near(x86, test.wantX86) {
			t.Errorf("all %q, trigger %q: %v arm64 and %v x86_64 GB-seconds, want %v and %v",
				test.size, test.trigger, arm, x86, test.wantARM, test.wantX86)
		}
	}
}

// triggerSeconds is the GB-seconds of a million invocations of the trigger at 128 MB, by
// hand: one call, and a cold start now and then.
const triggerSeconds = million * 0.125 * (cost.CallMillis + cost.CPUMillis + cost.ColdStarts*cost.InitMillis) / 1000

func TestLogsAreKeptAsLongAsTheTemplateSays(t *testing.T) {
	kept := func(text string) float64 {
		return use(t, onboardingOf(t, text, statemachine.Definition), million, 0)[cost.LogGBMonth]
	}
	text := smallTemplate("", "")
	long := strings.NewReplacer("Default: 90", "Default: 180", "RetentionInDays: 400", "RetentionInDays: 800").Replace(text)
	if got, want := kept(long), 2*kept(text); !near(got, want) {
		t.Errorf("kept twice as long: %v GB-months, want %v", got, want)
	}
}

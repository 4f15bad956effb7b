package local_test

import (
	"context"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/local"
)

// alarmPlant is a fault that an alarm is for.
type alarmPlant struct {
	alarm, fault string
	// strike has a user confirmed while the fault is there. The mend that it returns
	// does what the runbook says, and checks that the user is onboarded.
	strike func(*testing.T, *local.AWS) (mend func(*testing.T))
}

// notShown are the alarms whose metric the local AWS cannot give, and why.
var notShown = map[string]string{
	"ExecutionsTimedOutAlarm":  "the definition has no time-out, so that an execution takes a year to time out",
	"ExecutionsThrottledAlarm": "moto's engine has no quota of state transitions",
	"ReceiptsLostAlarm":        "the local Lambda and EventBridge do not count the events that they drop",
	"BounceRateAlarm":          "the local SES has no metrics of the account",
	"ComplaintRateAlarm":       "likewise",
}

// TestAlarmsGoOff plants the fault that each alarm is for, and looks whether the
// metric that the alarm reads goes past its threshold: not before, not when all is
// mended as the runbook says, and with the user onboarded then.
func TestAlarmsGoOff(t *testing.T) {
	aws := startQuietAWS(t)
	alarms := alarmsOf(t, aws)
	for _, p := range alarmPlants {
		t.Run(p.alarm+"/"+p.fault, func(t *testing.T) {
			alarm, ok := alarms[p.alarm]
			if !ok {
				t.Skip("template.yaml has no " + p.alarm)
			}
			checkCalm(t, aws, alarm)
			since := time.Now()
			mend := p.strike(t, aws)
			checkPast(t, aws, alarm, since, true)
			if alarm.Metrics[0].Namespace == "AWS/SQS" {
				time.Sleep(2 * time.Second) // each message is tried again meanwhile
				checkPast(t, aws, alarm, since, true)
			}
			mend(t)
			checkCalm(t, aws, alarm)
		})
	}
}

func TestEachAlarmIsShownOrSaysWhyNot(t *testing.T) {
	shown := make(map[string]bool)
	for _, p := range alarmPlants {
		shown[p.alarm] = true
	}
	alarms := alarmsOf(t, startAWS(t))
	for id := range alarms {
		if reason := notShown[id]; shown[id] == (reason != "") {
			t.Errorf("%s: planted %v, and the reason why not is %q", id, shown[id], reason)
		}
	}
	for id := range notShown {
		if _, ok := alarms[id]; !ok {
			t.Errorf("%s is not in template.yaml", id)
		}
	}
}

// startQuietAWS starts a local AWS of its own, where no other test has left failed
// executions, lost starts and messages behind.
func startQuietAWS(t *testing.T) *local.AWS {
	t.Helper()
	startRedriver(t) // skips where nothing can be redriven
	options := shared.Options
	options.Build = t.TempDir()
	aws, err := local.Start(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(aws.Close)
	return aws
}

func alarmsOf(t *testing.T, aws *local.AWS) map[string]local.Alarm {
	t.Helper()
	list, err := aws.Alarms()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("template.yaml has no alarm")
	}
	alarms := make(map[string]local.Alarm)
	for _, a := range list {
		alarms[a.ID] = a
	}
	return alarms
}

// onboardSomebody onboards a user for whom nothing goes wrong, so that there is
// data, and returns when that began.
func onboardSomebody(t *testing.T, aws *local.AWS) time.Time {
	t.Helper()
	began := time.Now()
	u := signUp(t, aws)
	checkSucceeded(t, confirm(t, aws, u))
	checkEffects(t, aws, u, onboarded(t))
	return began
}

// checkCalm checks that the onboarding of a user does not make the alarm go off: that of one
// user of three, because alarms on what takes long see a machine that stands still.
func checkCalm(t *testing.T, aws *local.AWS, a local.Alarm) {
	t.Helper()
	for range 2 {
		if _, ok := isPast(t, aws, a, onboardSomebody(t, aws), false); ok {
			return
		}
	}
	checkPast(t, aws, a, onboardSomebody(t, aws), false)
}

// checkPast checks whether the alarm's value since then is past its threshold, now
// or in half a minute.
func checkPast(t *testing.T, aws *local.AWS, a local.Alarm, since time.Time, want bool) {
	t.Helper()
	value, ok := isPast(t, aws, a, since, want)
	if !ok {
		t.Errorf("%s: value %v, threshold %v (%s): want it past that: %v", a.ID, value, a.Threshold, a.Operator, want)
		return
	}
	t.Logf("%s: value %v, threshold %v", a.ID, value, a.Threshold)
}

// isPast waits until the alarm's value is past its threshold as wanted, or half a minute.
func isPast(t *testing.T, aws *local.AWS, a local.Alarm, since time.Time, want bool) (value float64, ok bool) {
	t.Helper()
	ok = becomes(func() bool {
		var past bool
		past, value = over(t, aws, a, since)
		return past == want
	})
	return value, ok
}

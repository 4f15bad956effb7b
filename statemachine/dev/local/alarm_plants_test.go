package local_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

var alarmPlants = []alarmPlant{
	{"ExecutionsFailedAlarm", "a step has not its permission", stepRefused},
	{"TriggerErrorsAlarm", "the trigger crashes", triggerCrashes},
	{"TriggerThrottlesAlarm", "no concurrency left", triggerRefused},
	{"TriggerSlowAlarm", "StartExecution does not answer", startFails(http.HandlerFunc(hang), "trigger StartExecution")},
	{"FirstTokenErrorsAlarm", "FirstToken crashes", firstTokenFails(func(a *local.AWS) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { a.Crash("FirstTokenFunction") })
	}, "FirstToken GetItem")},
	{"FirstTokenErrorsAlarm", "no concurrency left", firstTokenFails(func(*local.AWS) http.Handler {
		return jsonError(429, "TooManyRequestsException")
	}, "FirstToken Invoke")},
	{"StartsDeferredAlarm", "StartExecution throttled", startFails(jsonError(400, "ThrottlingException"), "trigger StartExecution")},
	{"StartsLostAlarm", "StartExecution and SQS refused", startLost},
	{"DeferredStartsWaitingAlarm", "StartExecution refused", startFails(jsonError(400, "AccessDeniedException"), "StartExecution")},
	{"DeferredStartsWaitingAlarm", "StartDeferred crashes", startDeferredCrashes},
	{"DeferredStartDeadLetterAlarm", "StartExecution refused for long", startGivenUp},
	{"UsersFoundAlarm", "an administrator made a user", userMadeByAdministrator},
	{"SweepFailedAlarm", "a start refused", sweepRefused},
	{"GroupLateAlarm", "Cognito throttles", groupThrottled},
	{"MailLateAlarm", "SES takes no more mails today", mailsOfTheDaySent},
	{"MailsSentAgainAlarm", "SES breaks the connection", mailLost},
	{"MailsBouncedAlarm", "an address that takes no mail", mailed("bounce", record.Bounced)},
	{"MailsComplainedAlarm", "a mail marked as spam", mailed("complaint", record.Complained)},
	{"AnalyticsUndeliveredAlarm", "an event in the dead-letter queue", eventUndelivered},
}

// Commands of the runbook.
const (
	listStopped = "go run ./statemachine/ops redrive --stack onboarding"
	redriveAll  = listStopped + " --all"
	backfillAll = "go run ./statemachine/ops backfill --stack onboarding"
	listMissed  = backfillAll + " --dry-run"
)

// confirmWhile has a user confirm while the user's calls at these places get the
// answer, which they do until remove is called.
func confirmWhile(t *testing.T, a *local.AWS, answer http.Handler, at ...string) (u user, remove func()) {
	t.Helper()
	u = signUp(t, a)
	remove = a.AddFault(func(c local.Call) http.Handler {
		for _, place := range at {
			if u.isAt(c, place) {
				return answer
			}
		}
		return nil
	})
	confirmOnce(t, a, u)
	return u, remove
}

func checkOnboarded(t *testing.T, a *local.AWS, u user) {
	t.Helper()
	if e := wait(t, a, u); e.Status != types.ExecutionStatusSucceeded {
		t.Errorf("%s with %s %s", e.Status, e.Error, e.Cause)
	}
	checkEffects(t, a, u, onboarded(t))
}

// thenOnboarded is the mend of a fault after which all goes on by itself, or by
// what the runbook has of commands.
func thenOnboarded(a *local.AWS, u user, remove func(), section string, commands ...string) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		remove()
		for _, command := range commands {
			follow(t, a, section, command)
		}
		checkOnboarded(t, a, u)
	}
}

func stepRefused(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	state, first := someStep(t, a)
	u, remove := confirmWhile(t, a, first.refuses(), first.at())
	checkStoppedAt(t, wait(t, a, u), state)
	return thenOnboarded(a, u, remove, "executions-failed", redriveAll, listStopped)
}

func triggerCrashes(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	u := signUp(t, a)
	remove := a.AddFault(func(c local.Call) http.Handler {
		if !u.isAt(c, "trigger StartExecution") {
			return nil
		}
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { a.Crash("TriggerFunction") })
	})
	checkSeesAnError(t, a, u)
	return thenOnboarded(a, u, remove, "trigger-errors", backfillAll, listMissed)
}

func triggerRefused(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	u := signUp(t, a)
	remove := a.AddFault(func(c local.Call) http.Handler {
		if c.Action != "Invoke" || c.Function != a.PhysicalID("TriggerFunction") {
			return nil
		}
		return jsonError(429, "TooManyRequestsException")
	})
	checkSeesAnError(t, a, u)
	return thenOnboarded(a, u, remove, "trigger-throttles", backfillAll, listMissed)
}

func checkSeesAnError(t *testing.T, a *local.AWS, u user) {
	t.Helper()
	if err := a.Confirm(t.Context(), u.User, nil); err == nil {
		t.Error("the user saw no error")
	}
}

func startFails(answer http.Handler, at string) func(*testing.T, *local.AWS) func(*testing.T) {
	return func(t *testing.T, a *local.AWS) func(*testing.T) {
		t.Helper()
		u, remove := confirmWhile(t, a, answer, at)
		return thenOnboarded(a, u, remove, "")
	}
}

func startLost(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	u, remove := confirmWhile(t, a, jsonError(400, "AccessDeniedException"), "trigger StartExecution", "trigger SendMessage")
	return thenOnboarded(a, u, remove, "starts-lost", backfillAll, listMissed)
}

func startDeferredCrashes(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	u := signUp(t, a)
	remove := a.AddFault(func(c local.Call) http.Handler {
		switch {
		case u.isAt(c, "trigger StartExecution"):
			return jsonError(400, "ThrottlingException")
		case u.isAt(c, "StartDeferred StartExecution"):
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { a.Crash("StartDeferredFunction") })
		}
		return nil
	})
	confirmOnce(t, a, u)
	return thenOnboarded(a, u, remove, "")
}

func groupThrottled(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	needsStep(t, groupState)
	u, remove := confirmWhile(t, a, jsonError(400, "TooManyRequestsException"), "AdminAddUserToGroup")
	time.Sleep(6 * time.Second) // SinceConfirmed is known when the group was added
	remove()
	checkOnboarded(t, a, u)
	return func(*testing.T) {}
}

// mailLost has SES break the connection before it took the mail. Without a receipt the
// step sends it again.
func mailLost(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	needsStep(t, mailState)
	u := signUp(t, a)
	failCalls(t, a, u, 1, "SendEmail", http.HandlerFunc(reset))
	confirmOnce(t, a, u)
	checkOnboarded(t, a, u)
	return func(*testing.T) {}
}

// mailed onboards somebody at an address of the simulator. Nothing is left to be done for
// the user.
func mailed(scenario string, fate record.Fate) func(*testing.T, *local.AWS) func(*testing.T) {
	return func(t *testing.T, a *local.AWS) func(*testing.T) {
		t.Helper()
		needsStep(t, mailState)
		u := signUpAs(t, a, local.User{Name: "Zéphyrine Quux", Email: simulated(scenario)})
		checkSucceeded(t, confirm(t, a, u))
		waitForReceipt(t, a, u, fate)
		return func(*testing.T) {}
	}
}

func mailsOfTheDaySent(t *testing.T, a *local.AWS) func(*testing.T) {
	t.Helper()
	needsStep(t, mailState)
	u, remove := confirmWhile(t, a, dailyQuota, "SendEmail")
	return thenOnboarded(a, u, remove, "")
}

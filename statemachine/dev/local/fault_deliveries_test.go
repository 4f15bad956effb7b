package local_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/local"
)

// deliveryFaults are about how often, and in what form, the trigger is handed the
// event.
func deliveryFaults() []fault {
	const at = "Cognito event"
	list := []fault{
		{at: at, name: "delivered twice, one after the other", deliver: repeated(2, 0), want: onboardedAnyway},
		{at: at, name: "delivered five times at once", deliver: concurrent(5), want: onboardedAnyway},
		{at: at, name: "delivered again when the user is onboarded", deliver: repeated(2, 3*time.Second), want: onboardedAnyway},
	}
	for _, c := range []struct {
		name   string
		change func(event map[string]any)
	}{
		{"unknown fields", func(e map[string]any) { e["somethingNew"] = []any{1, map[string]any{"deep": nil}} }},
		{"1 MB of attributes", func(e map[string]any) { attributesOf(e)["custom:huge"] = strings.Repeat("ñ", 500_000) }},
		{"attributes of other types", func(e map[string]any) { attributesOf(e)["email_verified"], attributesOf(e)["name"] = true, 7 }},
		{"no caller context", func(e map[string]any) { delete(e, "callerContext") }},
		{"client metadata of another type", func(e map[string]any) { e["request"].(map[string]any)["clientMetadata"] = "text" }},
		{"control characters and emoji", func(e map[string]any) { attributesOf(e)["name"] = "\u0000\u202e🎉</script>" }},
	} {
		list = append(list, fault{at: at, name: c.name, deliver: changed(c.change), want: onboardedAnyway})
	}
	return list
}

func attributesOf(event map[string]any) map[string]any {
	return event["request"].(map[string]any)["userAttributes"].(map[string]any) //nolint:forcetypeassert // as ConfirmationEvent makes it
}

// eventOf marks the address as verified, and returns the event that Cognito would
// hand to the trigger.
func eventOf(t *testing.T, aws *local.AWS, u user) []byte {
	t.Helper()
	setAttribute(t, aws, u, "email_verified", "true")
	event, err := aws.ConfirmationEvent(u.username, u.sub, u.User)
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func deliver(t *testing.T, aws *local.AWS, event []byte) {
	t.Helper()
	if answer, err := aws.InvokeTrigger(t.Context(), event); err != nil || string(answer) != string(event) {
		t.Errorf("the trigger answered %.200s, %v", answer, err)
	}
}

func repeated(times int, pause time.Duration) func(*testing.T, *local.AWS, user) {
	return func(t *testing.T, aws *local.AWS, u user) {
		t.Helper()
		event := eventOf(t, aws, u)
		for range times {
			deliver(t, aws, event)
			time.Sleep(pause)
		}
	}
}

func concurrent(times int) func(*testing.T, *local.AWS, user) {
	return func(t *testing.T, aws *local.AWS, u user) {
		t.Helper()
		event := eventOf(t, aws, u)
		var all sync.WaitGroup
		for range times {
			all.Go(func() { deliver(t, aws, event) })
		}
		all.Wait()
	}
}

func changed(change func(event map[string]any)) func(*testing.T, *local.AWS, user) {
	return func(t *testing.T, aws *local.AWS, u user) {
		t.Helper()
		var event map[string]any
		if err := json.Unmarshal(eventOf(t, aws, u), &event); err != nil {
			t.Fatal(err)
		}
		change(event)
		payload, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		deliver(t, aws, payload)
	}
}

// lostStart lets neither StartExecution nor the queue be reached, and has the
// sweep find the user.
func lostStart() fault {
	return thenSwept("Trigger SendMessage", "StartExecution and SQS down", jsonError(503, "ServiceUnavailable"), confirmOnce,
		func(c local.Call) bool { return c.Action == "StartExecution" || c.Action == "SendMessage" })
}

// triggerFails ends the trigger before it does anything: the user sees an error, and is
// confirmed.
func triggerFails(errorName string) fault {
	return thenSwept("Trigger Invoke", errorName, functionError(errorName), confirmInVain, isTrigger)
}

func triggerThrottled() fault {
	return thenSwept("Trigger Invoke", "throttled by Lambda", jsonError(429, "TooManyRequestsException"), confirmInVain, isTrigger)
}

func isTrigger(c local.Call) bool {
	return c.Action == "Invoke" && strings.Contains(c.Function, "TriggerFunction")
}

func confirmInVain(t *testing.T, aws *local.AWS, u user) {
	t.Helper()
	checkSeesAnError(t, aws, u)
}

// thenSwept gives calls an answer while the user confirms, and has the sweep
// find the user.
func thenSwept(at, name string, answer http.Handler, confirm func(*testing.T, *local.AWS, user), struck func(local.Call) bool) fault {
	return fault{at: at, name: name, want: onboardedAnyway, deliver: func(t *testing.T, aws *local.AWS, u user) {
		t.Helper()
		mend := aws.AddFault(func(c local.Call) http.Handler {
			if u.isIn(c) && struck(c) {
				return answer
			}
			return nil
		})
		confirm(t, aws, u)
		mend()
		aged(t, aws, u)
		sweepOnce(t, aws)
	}}
}

// TestUnreadableEventsAreReturned hands the real trigger what is no event at all:
// nobody can be onboarded for it, and nothing is.
func TestUnreadableEventsAreReturned(t *testing.T) {
	aws := startAWS(t)
	before := len(executions(t, aws))
	for name, payload := range map[string]string{
		"empty": "", "not JSON": "<event/>", "truncated": `{"triggerSource":"PostConfirmation_ConfirmSignUp","userPool`,
		"UTF-16": "\xff\xfe{\x00}\x00", "Latin-1": "{\"userName\":\"Jos\xe9\"}", "array": "[]", "null": "null",
		"no identifiers": `{"triggerSource":"PostConfirmation_ConfirmSignUp"}`,
	} {
		t.Run(name, func(t *testing.T) { deliver(t, aws, []byte(payload)) })
	}
	if after := len(executions(t, aws)); after != before {
		t.Errorf("%d executions were started", after-before)
	}
}

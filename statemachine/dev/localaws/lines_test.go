package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

const sub = "9989cbbe-c3a0-4052-9a1d-eabc2accb316"

var happened = []feed.Event{
	{Kind: feed.SignedUp, User: sub, Username: "jane@example.com"},
	{Kind: feed.Confirmed, Username: "jane@example.com", Duration: 97456 * time.Microsecond},
	{Kind: feed.AttemptSucceeded, Execution: sub, State: "AddUserToGroup", Attempt: 1, Duration: 130 * time.Millisecond, Result: json.RawMessage(`{"status":"done","groups":["members"]}`)},
	{Kind: feed.AttemptFailed, Execution: sub, State: "SaveProfile", Attempt: 1, Duration: 20 * time.Millisecond, Error: "TransientError", Message: "two\nlines"},
	{Kind: feed.AttemptSucceeded, Execution: sub + "-2", State: "SaveProfile", Attempt: 2, Duration: 20 * time.Millisecond, Result: json.RawMessage(`{"status":"skipped","reason":"user not found"}`)},
	{Kind: feed.Mailed, Mail: &local.Mail{To: "jane@example.com", Subject: "Welcome"}},
	{Kind: feed.Mailed, Mail: &local.Mail{To: "jane@example.com", Subject: "Welcome"}, Error: "Forbidden"},
	{Kind: feed.Ended, Execution: sub, Status: "SUCCEEDED", Duration: time.Second},
	{Kind: feed.Redriven, Execution: "another"},
	{Kind: feed.Ended, Execution: "another", Status: "ABORTED", Duration: time.Second},
	{Kind: feed.Confirmed, Username: "joe@example.com", Error: "UserLambdaValidationException", Message: "PostConfirmation failed"},
	{Kind: feed.Receipt, Username: "jane@example.com", Receipt: record.Receipt{Fate: record.Sent}},
	{Kind: feed.Receipt, Username: "jane@example.com", Receipt: record.Receipt{Fate: record.Delivered}},
	{Kind: feed.Receipt, Username: "joe@example.com", Receipt: record.Receipt{Fate: record.Bounced, Bounce: "Permanent/General"}},
	{Kind: feed.Logged, Message: "{}"},
}

func TestLines(t *testing.T) {
	const want = `
13:01:00 ok      signed up          jane@example.com, sub 9989cbbe-c3a0-4052-9a1d-eabc2accb316
13:01:01 ok      confirmed          jane@example.com, Cognito had its answer after 97ms
13:01:02 ok      AddUserToGroup     jane@example.com, after 130ms: done, groups [members]
13:01:03 FAILED  SaveProfile        jane@example.com, after 20ms: TransientError, two lines
13:01:04 skipped SaveProfile        jane@example.com, attempt 2, after 20ms: skipped: user not found
13:01:05 ok      mail               jane@example.com, "Welcome"
13:01:06 FAILED  mail               jane@example.com, "Welcome": Forbidden
13:01:07 ok      execution          jane@example.com SUCCEEDED after 1s
13:01:08 ok      redriven           another
13:01:09 FAILED  execution          another ABORTED after 1s
13:01:10 FAILED  confirmed          joe@example.com, Cognito had its answer after 0s: UserLambdaValidationException, PostConfirmation failed
13:01:12 ok      receipt            jane@example.com, delivered
13:01:13 FAILED  receipt            joe@example.com, bounced Permanent/General
`
	if got := printed(t, false); got != want[1:] {
		t.Errorf("got\n%swant\n%s", got, want[1:])
	}
}

func TestLinesOnATerminal(t *testing.T) {
	text.EnableColors()
	t.Cleanup(text.DisableColors)
	got := strings.Split(printed(t, true), "\n")
	for i, want := range map[int]string{
		0: "13:01:00 \x1b[32m✔\x1b[0m signed up          jane@example.com, sub " + sub,
		3: "13:01:03 \x1b[31m✘\x1b[0m SaveProfile        jane@example.com, after 20ms: TransientError, two lines",
		4: "13:01:04 \x1b[33m–\x1b[0m SaveProfile        jane@example.com, attempt 2, after 20ms: skipped: user not found",
	} {
		if got[i] != want {
			t.Errorf("line %d is\n%q, want\n%q", i, got[i], want)
		}
	}
	text.DisableColors() // as NO_COLOR does
	if got := printed(t, true); strings.Contains(got, "\x1b") || !strings.Contains(got, "✔") {
		t.Errorf("without colours:\n%s", got)
	}
}

func printed(t *testing.T, terminal bool) string {
	t.Helper()
	var out bytes.Buffer
	l := newLines(&out)
	if l.terminal {
		t.Error("a buffer is a terminal")
	}
	l.terminal = terminal
	for i, e := range happened {
		e.Time = time.Date(2026, 3, 2, 13, 1, i, 0, time.Local)
		l.event(e)
	}
	return out.String()
}

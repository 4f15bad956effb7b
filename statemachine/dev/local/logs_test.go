package local_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/metricstest"
	"example.com/onboarding/statemachine/record"
)

// messages are all that the functions log, with the metrics that a line of it has.
var messages = map[string][]string{
	"not onboarded":             nil,
	"execution started":         {"Confirmations"},
	"execution exists already":  {"Confirmations"},
	"start deferred":            {"Confirmations", "StartsDeferred"},
	"start lost":                {"Confirmations", "StartsLost"},
	"deferred start done":       {"DeferredStarts"},
	"deferred start failed":     nil,
	"step ended":                {"StepsEnded", "SinceConfirmed"},
	"step failed":               {"StepFailures"},
	"mail sent":                 {"MailsSent"},
	"mail delivered":            {"MailsDelivered"},
	"mail bounced":              {"MailsBounced"},
	"mail complained of":        {"MailsComplained"},
	"token has the groups":      nil,
	"token left without groups": nil,
	runtimeMessage:              nil,
}

// rare are messages that no line of this test has to say.
var rare = map[string][]string{
	"delivery not confirmed":   nil,
	"delivery not released":    nil,
	"delivery not hurried":     nil,
	"mail sent again":          {"MailsSentAgain"},
	"mail delayed":             {"MailsDelayed"},
	"mail rejected":            {"MailsRejected"},
	"mail returned":            {"MailsReturned"},
	"receipt left alone":       nil,
	"receipt not noted":        nil,
	"receipt not understood":   nil,
	"step was done before":     nil,
	"user found":               {"UsersFound"},
	"user failed":              nil,
	"onboarding started again": nil,
	"sweep went on":            nil,
	"sweep begins anew":        nil,
	"page failed":              nil,
}

// runtimeMessage stands for what aws-lambda-go itself says when a function returns
// an error or panics: the error as JSON, without a request ID.
const runtimeMessage = `{"errorMessage":…}`

// logLine is what the lines have in common.
type logLine struct {
	Timestamp                               time.Time
	Level, Message, Function, RequestID     string
	Execution, Stack, State, Status, Reason string
}

// TestEveryLogLineIsComplete decodes all that the functions printed so far, in other
// tests too.
func TestEveryLogLineIsComplete(t *testing.T) {
	aws := startAWS(t)
	u := provokeLines(t, aws)
	seen := make(map[string]bool)
	for _, line := range aws.Logs() {
		l := parseLine(t, line)
		checkLine(t, line, l)
		seen[l.Message] = true
	}
	for message := range messages {
		if !seen[message] && (otherEngine() == "" || message != "execution exists already") {
			t.Errorf("no line says %q", message)
		}
	}
	got := functionsOf(t, aws, u)
	n := len(got)
	got = slices.DeleteFunc(got, func(name string) bool { return name == "Trigger" }) // its line may come after that of the first state
	if want := allStates(t); !slices.Equal(got, want) || n != len(want)+1 {
		t.Errorf("the user's lines are those of %v, want %v and the trigger's", got, want)
	}
}

// functionsOf returns the functions that ended well for the user, in the order of
// their lines. A line may come a moment after its function's answer.
func functionsOf(t *testing.T, aws *local.AWS, u user) []string {
	t.Helper()
	var functions []string
	states := len(allStates(t))
	becomes(func() bool {
		functions = nil
		for _, line := range aws.Logs() {
			if l := parseLine(t, line); l.Execution == u.sub && l.Message != "execution exists already" && l.Function != mailReceipt {
				functions = append(functions, l.Function)
			}
		}
		return len(functions) > states
	})
	return functions
}

func parseLine(t *testing.T, line local.LogLine) logLine {
	t.Helper()
	var l logLine
	if err := json.Unmarshal([]byte(line.Text), &l); err != nil {
		t.Fatalf("%s printed %q: %v", line.Function, line.Text, err)
	}
	if strings.HasPrefix(l.Message, runtimeMessage[:len(`{"errorMessage":`)]) {
		l.Message = runtimeMessage
	}
	return l
}

// address matches a mail address; not the versions in the paths of a stack trace.
var address = regexp.MustCompile(`[^\s"@]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`)

func checkLine(t *testing.T, line local.LogLine, l logLine) {
	t.Helper()
	counted, known := messages[l.Message]
	if !known {
		counted, known = rare[l.Message]
	}
	if !known || l.Timestamp.IsZero() || !slices.Contains([]string{"INFO", "WARN", "ERROR"}, l.Level) {
		t.Errorf("line lacks a known message, its time or level:\n%s", line.Text)
	}
	if l.Function == "" || !strings.Contains(line.Function, l.Function+"Function") {
		t.Errorf("%s says that it is %q:\n%s", line.Function, l.Function, line.Text)
	}
	if l.RequestID == "" && l.Message != runtimeMessage {
		t.Errorf("line has no request ID:\n%s", line.Text)
	}
	if l.Execution == "" && !slices.Contains([]string{runtimeMessage, "not onboarded"}, l.Message) {
		t.Errorf("line has no execution:\n%s", line.Text)
	}
	if found := address.FindString(line.Text); found != "" {
		t.Errorf("line has the address %s:\n%s", found, line.Text)
	}
	checkMetrics(t, line, l, counted)
}

func checkMetrics(t *testing.T, line local.LogLine, l logLine, counted []string) {
	t.Helper()
	values, err := metricstest.Read(line.Text)
	if err != nil {
		t.Errorf("%v:\n%s", err, line.Text)
	}
	var names []string
	for _, v := range values {
		names = append(names, v.Name)
		state, perState := v.Dimensions["State"]
		if v.Dimensions["Stack"] != "onboarding" || perState && state != l.Function {
			t.Errorf("%s has the dimensions %v:\n%s", v.Name, v.Dimensions, line.Text)
		}
	}
	if !slices.Equal(names, counted) {
		t.Errorf("metrics %v, want %v:\n%s", names, counted, line.Text)
	}
}

// provokeLines makes the functions log all that an onboarding can bring about
// easily. It returns a user who was onboarded.
func provokeLines(t *testing.T, aws *local.AWS) user {
	t.Helper()
	good, refused, deferred := signUp(t, aws), signUp(t, aws), signUp(t, aws)
	checkSucceeded(t, confirm(t, aws, good))
	event, err := aws.ConfirmationEvent(good.username, good.sub, good.User)
	if err != nil {
		t.Fatal(err)
	}
	reset := strings.Replace(string(event), "ConfirmSignUp", "ConfirmForgotPassword", 1)
	for _, event := range []string{string(event), reset} {
		if otherEngine() != "" && event != reset {
			continue // it would onboard again
		}
		if _, err := aws.InvokeTrigger(t.Context(), []byte(event)); err != nil {
			t.Fatal(err)
		}
	}
	if hasStep(t, mailState) {
		for scenario, fate := range map[string]record.Fate{"bounce": record.Bounced, "complaint": record.Complained} {
			u := signUpAs(t, aws, local.User{Name: "Zéphyrine Quux", Email: simulated(scenario)})
			checkSucceeded(t, confirm(t, aws, u))
			waitForReceipt(t, aws, u, fate)
		}
	}
	_, first := someStep(t, aws)
	failCalls(t, aws, refused, 1, first.at(), first.denies())
	confirm(t, aws, refused)
	loseStart(t, aws)
	failCalls(t, aws, deferred, 3+3, "StartExecution", jsonError(400, "ThrottlingException")) // StartDeferred tries 3 times, too
	confirmOnce(t, aws, deferred)
	checkSucceeded(t, wait(t, aws, deferred))
	early, unread := signUp(t, aws), signUp(t, aws)
	failCalls(t, aws, unread, 1, "FirstToken GetItem", jsonError(400, "AccessDeniedException"))
	for _, u := range []user{early, unread} {
		confirmAndSignIn(t, aws, u)
		checkSucceeded(t, wait(t, aws, u))
	}
	return good
}

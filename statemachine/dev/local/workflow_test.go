package local_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/local"
)

func checkSucceeded(t *testing.T, e local.Execution) {
	t.Helper()
	checkSucceededAfter(t, e, allStates(t)...)
}

// checkStoppedAt checks that the execution failed at the first attempt of that state,
// for an operator to mend the cause.
func checkStoppedAt(t *testing.T, e local.Execution, state string) {
	t.Helper()
	checkStoppedOn(t, e, state, "ConfigurationError", 1)
}

// checkStoppedOn checks that the execution failed with that error, which so many
// attempts of that state ended with.
func checkStoppedOn(t *testing.T, e local.Execution, state, errorName string, attempts int) {
	t.Helper()
	path, failed := pathTo(t, state), slices.Repeat([]string{errorName}, attempts)
	if e.Status != types.ExecutionStatusFailed || e.Error != errorName || !slices.Equal(e.Path(), path) || !slices.Equal(attemptsOf(e, state), failed) {
		t.Errorf("%s after %v with %s %s, want FAILED after %v with %s", e.Status, e.Path(), e.Error, e.Cause, path, errorName)
	}
}

// attemptsOf returns the results of a state's attempts.
func attemptsOf(e local.Execution, state string) []string {
	var results []string
	for _, a := range e.Attempts {
		if a.State == state {
			results = append(results, a.Error)
		}
	}
	return results
}

// result has the members of the results of all steps.
type result struct {
	statemachine.Outcome

	Groups             []string
	MessageID, EventID string
}

// resultOf is the result of that name in the output of an execution.
func resultOf(t *testing.T, e local.Execution, name string) (r result) {
	t.Helper()
	var s statemachine.State
	if err := json.Unmarshal([]byte(e.Output), &s); err != nil {
		t.Fatalf("output %s: %v", e.Output, err)
	}
	if err := s.Result(name, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestConfirmedUserIsOnboarded(t *testing.T) {
	aws := startAWS(t)
	u := signUp(t, aws)
	e := confirm(t, aws, u)
	checkSucceeded(t, e)
	checkEffects(t, aws, u, onboarded(t))

	var input statemachine.Input
	if err := json.Unmarshal([]byte(e.Input), &input); err != nil {
		t.Fatal(err)
	}
	if input.Sub != u.sub || input.Username != u.username || input.UserPoolID != aws.Stack.UserPoolID ||
		input.ClientID != aws.Stack.ClientID || input.Metadata["campaign"] != "spring" {
		t.Errorf("input %s", e.Input)
	}
	for _, state := range allStates(t) {
		switch r := outcomeOf(t, e, state); {
		case state == groupState && r.Status != statemachine.StatusDone, state == mailState && r.MessageID == "",
			state == analyticsState && r.EventID == "", r.Status == "":
			t.Errorf("%s ended with %+v", state, r)
		}
	}
	needsStep(t, mailState)
	if mail := aws.Mails(u.Email)[0]; !strings.Contains(mail.Text, "Hello Zéphyrine Quux,") || mail.Subject != "Welcome to Our App" {
		t.Errorf("mail %+v", mail)
	}
}

func TestFunctionsAreHandedTasks(t *testing.T) {
	aws := startAWS(t)
	u := signUp(t, aws)
	confirm(t, aws, u)
	payloads := aws.Calls(func(c local.Call) bool {
		return c.Service == "lambda" && u.isIn(c) && strings.Contains(string(c.Body), "executionName")
	})
	if want := len(allStates(t)); len(payloads) != want {
		t.Fatalf("%d functions were invoked, want %d", len(payloads), want)
	}
	for _, c := range payloads {
		var task statemachine.Task
		decoder := json.NewDecoder(strings.NewReader(string(c.Body)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&task); err != nil {
			t.Errorf("payload %s: %v", c.Body, err)
		}
		if task.Validate() != nil || task.ExecutionName != u.sub || task.StartTime.IsZero() {
			t.Errorf("task %+v", task)
		}
	}
}

func TestPasswordResetStartsNothing(t *testing.T) {
	aws := startAWS(t)
	u := signUp(t, aws)
	confirm(t, aws, u)
	before := executions(t, aws)
	client := cognito(aws)
	if _, err := client.ForgotPassword(t.Context(), &cognitoidentityprovider.ForgotPasswordInput{
		ClientId: &aws.Stack.ClientID, Username: &u.Email,
	}); err != nil {
		t.Fatal(err)
	}
	code, password := "123456", "Another-horse-8-battery"
	if _, err := client.ConfirmForgotPassword(t.Context(), &cognitoidentityprovider.ConfirmForgotPasswordInput{
		ClientId: &aws.Stack.ClientID, Username: &u.Email, ConfirmationCode: &code, Password: &password,
	}); err != nil {
		t.Fatal(err)
	}
	if !invokedWith(aws, u, "PostConfirmation_ConfirmForgotPassword") {
		t.Error("the trigger was not invoked for the password reset")
	}
	if after := executions(t, aws); len(after) != len(before) {
		t.Errorf("executions %v after %v", after, before)
	}
	checkEffects(t, aws, u, onboarded(t))
}

func invokedWith(aws *local.AWS, u user, triggerSource string) bool {
	return len(aws.Calls(func(c local.Call) bool {
		return c.Service == "lambda" && u.isIn(c) && strings.Contains(string(c.Body), triggerSource)
	})) > 0
}

func executions(t *testing.T, aws *local.AWS) []string {
	t.Helper()
	names, err := aws.Executions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestRepeatedConfirmationsOnboardOnce(t *testing.T) {
	aws := startAWS(t)
	if otherEngine() != "" {
		t.Skip("Step Functions Local 1.7.9 runs a repeated StartExecution again, where AWS does not")
	}
	u := signUp(t, aws)
	event, err := aws.ConfirmationEvent(u.username, u.sub, u.User)
	if err != nil {
		t.Fatal(err)
	}
	deliver := func() {
		answer, err := aws.InvokeTrigger(t.Context(), event)
		if err != nil || string(answer) != string(event) {
			t.Errorf("the trigger answered %s, %v", answer, err)
		}
	}
	// The address is verified, as ConfirmSignUp would have done.
	setAttribute(t, aws, u, "email_verified", "true")
	before := len(executions(t, aws))
	var three sync.WaitGroup
	for range 3 {
		three.Go(deliver)
	}
	three.Wait()
	checkSucceeded(t, wait(t, aws, u))
	deliver() // once more, now that the execution has ended
	if got := len(executions(t, aws)) - before; got != 1 {
		t.Errorf("%d executions, want 1", got)
	}
	checkEffects(t, aws, u, onboarded(t))
}

func setAttribute(t *testing.T, a *local.AWS, u user, name, value string) {
	t.Helper()
	_, err := cognito(a).AdminUpdateUserAttributes(t.Context(), &cognitoidentityprovider.AdminUpdateUserAttributesInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &u.username, UserAttributes: attribute(name, value),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFailedStepIsRetried fails each step once. What is no throttle the SDK tries
// again, but for the mail, so that it takes two failed calls.
func TestFailedStepIsRetried(t *testing.T) {
	for _, test := range []struct {
		name, at  string
		calls     int
		answer    http.Handler
		errorName string
	}{
		{"group transient", "AddUserToGroup AdminAddUserToGroup", 2, jsonError(500, "InternalErrorException"), "TransientError"},
		{"group not permitted yet", "AddUserToGroup AdminAddUserToGroup", 1, jsonError(400, "AccessDeniedException"), "NotReadyError"},
		{"group throttled", "AddUserToGroup AdminAddUserToGroup", 1, jsonError(400, "TooManyRequestsException"), "ThrottledError"},
		{"profile transient", "SaveProfile UpdateItem", 2, jsonError(500, "InternalServerError"), "TransientError"},
		{"profile throttled", "SaveProfile UpdateItem", 1, jsonError(400, "ProvisionedThroughputExceededException"), "ThrottledError"},
		{"profile's user throttled", "SaveProfile AdminGetUser", 1, jsonError(400, "TooManyRequestsException"), "ThrottledError"},
		{"mail transient", "SendWelcomeEmail SendEmail", 1, mailError(400, "RequestTimeout"), "TransientError"},
		{"mail undecided", "SendWelcomeEmail SendEmail", 1, mailError(503, "ServiceUnavailable"), "UndecidedError"},
		{"mail not permitted yet", "SendWelcomeEmail SendEmail", 1, mailError(403, "AccessDenied"), "NotReadyError"},
		{"mail throttled", "SendWelcomeEmail SendEmail", 1, mailError(400, "Throttling"), "ThrottledError"},
		{"mails of the day sent", "SendWelcomeEmail SendEmail", 1, dailyQuota, "QuotaExceededError"},
		{"user throttled", "SendWelcomeEmail AdminGetUser", 1, jsonError(400, "TooManyRequestsException"), "ThrottledError"},
		{"event transient", "RecordAnalytics PutEvents", 2, jsonError(500, "InternalException"), "TransientError"},
		{"event throttled", "RecordAnalytics PutEvents", 1, jsonError(400, "ThrottlingException"), "ThrottledError"},
		{"function throttled", allStates(t)[0] + " Invoke", 1, jsonError(429, "TooManyRequestsException"), "Lambda.TooManyRequestsException"},
		{"function not made yet", allStates(t)[0] + " Invoke", 1, jsonError(404, "ResourceNotFoundException"), "Lambda.ResourceNotFoundException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			state, _, _ := strings.Cut(test.at, " ")
			needsStep(t, state)
			aws := startAWS(t)
			u := signUp(t, aws)
			event, err := aws.ConfirmationEvent(u.username, u.sub, u.User)
			if err != nil {
				t.Fatal(err)
			}
			setAttribute(t, aws, u, "email_verified", "true")
			failCalls(t, aws, u, test.calls, test.at, test.answer)
			if _, err := aws.InvokeTrigger(t.Context(), event); err != nil {
				t.Fatal(err)
			}
			e := wait(t, aws, u)
			checkSucceeded(t, e)
			if got, want := attemptsOf(e, state), []string{test.errorName, ""}; !slices.Equal(got, want) {
				t.Errorf("attempts of %s ended with %q, want %q", state, got, want)
			}
			checkEffects(t, aws, u, onboarded(t))
		})
	}
}

// notReadyRetries is how often the definition retries what lacks a permission or a
// resource.
const notReadyRetries = 6

// TestPermissionThatStaysMissingStopsTheExecution sees that the retries end.
func TestPermissionThatStaysMissingStopsTheExecution(t *testing.T) {
	a := startAWS(t)
	u := signUp(t, a)
	state, first := someStep(t, a)
	remove := a.AddFault(func(c local.Call) http.Handler {
		if u.isAt(c, first.at()) {
			return first.denies()
		}
		return nil
	})
	e := confirm(t, a, u)
	remove()
	checkStoppedOn(t, e, state, "NotReadyError", 1+notReadyRetries)
	checkEffects(t, a, u, effectsBefore(t, state))
}

func TestMissingDefaultGroupIsMade(t *testing.T) {
	needsStep(t, groupState)
	a := startAWS(t)
	u := signUp(t, a)
	deleteDefaultGroup(t, a)
	checkSucceeded(t, confirm(t, a, u))
	checkEffects(t, a, u, onboarded(t))
}

// deleteDefaultGroup makes the next user one whose group has to be made.
func deleteDefaultGroup(t *testing.T, a *local.AWS) {
	t.Helper()
	_, err := cognito(a).DeleteGroup(t.Context(), &cognitoidentityprovider.DeleteGroupInput{UserPoolId: &a.Stack.UserPoolID, GroupName: aws.String("members")})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUnverifiedSenderStopsTheExecution(t *testing.T) {
	needsStep(t, mailState)
	aws := startAWS(t)
	u := signUp(t, aws)
	failCalls(t, aws, u, 1, "SendEmail", mailError(400, "MessageRejected"))
	checkStoppedAt(t, confirm(t, aws, u), mailState)
	checkEffects(t, aws, u, effectsBefore(t, mailState))
}

func TestUserWithoutAddressIsNotMailed(t *testing.T) {
	aws := startAWS(t)
	u := signUp(t, aws)
	_, err := cognito(aws).AdminDeleteUserAttributes(t.Context(), &cognitoidentityprovider.AdminDeleteUserAttributesInput{
		UserPoolId: &aws.Stack.UserPoolID, Username: &u.username, UserAttributeNames: []string{"email"},
	})
	if err != nil {
		t.Fatal(err)
	}
	checkSkipsMail(t, aws, u, "no mail address")
}

func TestUnverifiedAddressIsNotMailed(t *testing.T) {
	aws := startAWS(t)
	checkSkipsMail(t, aws, signUp(t, aws), "mail address not verified")
}

// checkSkipsMail confirms the user as an administrator does, which verifies no
// address.
func checkSkipsMail(t *testing.T, aws *local.AWS, u user, why statemachine.Reason) {
	t.Helper()
	needsStep(t, mailState)
	if _, err := cognito(aws).AdminConfirmSignUp(t.Context(), &cognitoidentityprovider.AdminConfirmSignUpInput{
		UserPoolId: &aws.Stack.UserPoolID, Username: &u.username,
	}); err != nil {
		t.Fatal(err)
	}
	e := wait(t, aws, u)
	checkSucceeded(t, e)
	if got := outcomeOf(t, e, mailState).Outcome; got != statemachine.Skipped(why) {
		t.Errorf("email %+v, want skipped: %s", got, why)
	}
	want := onboarded(t)
	want.mails = 0
	checkEffects(t, aws, u, want)
}

// TestUserDeletedMeanwhileIsSkipped deletes the user before each step that skips users
// who are gone.
func TestUserDeletedMeanwhileIsSkipped(t *testing.T) {
	const gone = "user not found"
	for i, step := range described(t).Steps {
		if !slices.Contains(step.Reasons, gone) {
			continue
		}
		t.Run("before "+step.State, func(t *testing.T) {
			aws := startAWS(t)
			u := signUp(t, aws)
			deleteBefore(t, aws, u, step.State)
			e := confirm(t, aws, u)
			checkSucceeded(t, e)
			for _, s := range described(t).Steps[i:] {
				if got := outcomeOf(t, e, s.State).Outcome; slices.Contains(s.Reasons, gone) && got != statemachine.Skipped(gone) {
					t.Errorf("%s ended with %+v, want skipped: %s", s.State, got, gone)
				}
			}
			mailBefore := slices.Contains(allStates(t)[:i], mailState)
			if mails := aws.Mails(u.Email); len(mails) != 0 && !mailBefore {
				t.Errorf("%d mails to a user who is gone", len(mails))
			}
		})
	}
}

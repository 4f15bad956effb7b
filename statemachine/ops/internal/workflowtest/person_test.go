package workflowtest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/forget"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	known "example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/onboard"
	"example.com/onboarding/statemachine/ops/orphans"
	"example.com/onboarding/statemachine/ops/resend"
	"example.com/onboarding/statemachine/ops/user"
	"example.com/onboarding/statemachine/record"
)

// confirmed returns somebody who confirmed the sign-up.
func confirmed(t *testing.T, a *local.AWS, name string) person {
	t.Helper()
	p := signUp(t, a, name)
	if err := a.Confirm(t.Context(), p.User, map[string]string{"campaign": "spring"}); err != nil {
		t.Fatal(err)
	}
	return p
}

// about runs a command about a user and returns its JSON report.
func about[Report any](t *testing.T, a *local.AWS, wantCode int, command, name string, flags ...string) Report {
	t.Helper()
	args := append([]string{command, name, "--stack", "onboarding", "--json"}, flags...)
	return opstest.Decode[Report](t, runOps(t, a, wantCode, args...))
}

func recordOf(t *testing.T, a *local.AWS, sub string) record.Record {
	t.Helper()
	r, err := record.Table{API: dynamodb.NewFromConfig(a.Config()), Name: a.PhysicalID("DeliveryTable")}.Get(t.Context(), sub)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestUserSaysHowAnOnboardingStands(t *testing.T) {
	a := startAWS(t)
	path := states(t)
	last := path[len(path)-1]
	p := signUp(t, a, "user-stands")
	if r := about[user.Report](t, a, 0, "user", p.sub); r.Pool == nil || r.Pool.Confirmed || len(r.Steps)+len(r.Executions) > 0 || r.Next.Action != known.Nothing {
		t.Errorf("before the confirmation: %+v", r)
	}
	mend := failAt(a, p, last, "ConfigurationError")
	if err := a.Confirm(t.Context(), p.User, nil); err != nil {
		t.Fatal(err)
	}
	wait(t, a, p, types.ExecutionStatusFailed)
	r := about[user.Report](t, a, 2, "user", p.Email)
	if r.User != p.sub || len(r.Steps) != len(path)-1 || len(r.Executions) != 1 || r.Next.Action != known.Redrive {
		t.Fatalf("after the stop: %+v", r)
	}
	if e := r.Executions[0]; e.State != last || e.Error != "ConfigurationError" || e.Cause != "planted" {
		t.Errorf("the execution: %+v", e)
	}
	if want := []string{"go run ./statemachine/ops onboard " + p.sub + " --stack onboarding"}; !slices.Equal(r.Commands, want) {
		t.Errorf("to do: %q, want %q", r.Commands, want)
	}
	t.Log("\n" + runOps(t, a, 2, "user", p.Email, "--stack", "onboarding"))

	mend()
	if did := about[onboard.Report](t, a, 0, "onboard", p.sub); did.Did != known.Redrive || did.Execution != p.sub {
		t.Errorf("onboard did %+v", did)
	}
	checkOnboardedOnce(t, a, p)
	if r := about[user.Report](t, a, 0, "user", p.sub); len(r.Steps) != len(path) || r.OnboardedAt.IsZero() || !r.Next.Done || len(r.Commands) > 0 {
		t.Errorf("in the end: %+v", r)
	}
	if did := about[onboard.Report](t, a, 0, "onboard", p.sub); did.Did != known.Nothing {
		t.Errorf("of an onboarded user onboard did %+v", did)
	}
	runOps(t, a, 1, "user", "nobody@example.com", "--stack", "onboarding")

	cmd := ops(t, a, "user", p.sub, "--stack", "onboarding", "--show-usernames")
	if out, err := cmd.Output(); err != nil || !strings.Contains(string(out), p.Email) {
		t.Errorf("with --show-usernames, %v: %s", err, out)
	}
}

func TestOnboardStartsWhomNobodyStarted(t *testing.T) {
	a := startAWS(t)
	p := signUp(t, a, "onboard-unstarted")
	if did := about[onboard.Report](t, a, 2, "onboard", p.sub); did.Did != known.Nothing {
		t.Errorf("of an unconfirmed user: %+v", did)
	}
	if _, err := cognitoidentityprovider.NewFromConfig(a.Config()).AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &p.sub, Password: aws.String("Correct-horse-7-battery"), Permanent: true,
	}); err != nil {
		t.Fatal(err)
	}
	if did := about[onboard.Report](t, a, 0, "onboard", p.Email); did.Did != known.Start || did.Execution != p.sub {
		t.Errorf("onboard did %+v", did)
	}
	wait(t, a, p, types.ExecutionStatusSucceeded)

	// Again for a cause of the operator's: once, and nothing is done twice.
	did := about[onboard.Report](t, a, 0, "onboard", p.sub, "--again", "a test")
	if did.Did != known.StartAgain {
		t.Errorf("again: %+v", did)
	}
	wait(t, a, person{User: p.User, sub: did.Execution}, types.ExecutionStatusSucceeded)
	if did := about[onboard.Report](t, a, 2, "onboard", p.sub, "--again", "a test"); did.Did != known.Nothing {
		t.Errorf("once more for the same cause: %+v", did)
	}
	checkOnboardedOnce(t, a, p)
	if !slices.Contains(states(t), known.MailState) {
		return
	}

	// The mail was skipped, until the address is verified.
	if _, err := cognitoidentityprovider.NewFromConfig(a.Config()).AdminUpdateUserAttributes(t.Context(), &cognitoidentityprovider.AdminUpdateUserAttributesInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &p.sub,
		UserAttributes: []cognitotypes.AttributeType{{Name: aws.String("email_verified"), Value: aws.String("true")}},
	}); err != nil {
		t.Fatal(err)
	}
	if u := about[user.Report](t, a, 2, "user", p.sub); u.Next.Action != known.StartAgain {
		t.Errorf("user says %+v", u.Next)
	}
	did = about[onboard.Report](t, a, 0, "onboard", p.sub)
	wait(t, a, person{User: p.User, sub: did.Execution}, types.ExecutionStatusSucceeded)
	if n := len(a.Mails(p.Email)); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
	if did := about[onboard.Report](t, a, 0, "onboard", p.sub); did.Did != known.Nothing {
		t.Errorf("when all is done onboard did %+v", did)
	}
	checkOnboardedOnce(t, a, p)
}

func TestResendMailsOnceMore(t *testing.T) {
	a := startAWS(t)
	p := confirmed(t, a, "resend")
	wait(t, a, p, types.ExecutionStatusSucceeded)
	if !slices.Contains(states(t), known.MailState) {
		if said := runOps(t, a, 1, "resend", p.sub, "--stack", "onboarding", "--yes"); said != "" {
			t.Errorf("without the state it prints %s", said)
		}
		return
	}
	before := recordOf(t, a, p.sub)
	runOps(t, a, 1, "resend", p.sub, "--stack", "onboarding") // there is nobody to ask
	dry := about[resend.Report](t, a, 2, "resend", p.sub, "--dry-run")
	if got := recordOf(t, a, p.sub); got.MessageID != before.MessageID || len(a.Mails(p.Email)) != 1 {
		t.Fatalf("after a dry run: %+v", got)
	}

	// The start fails once: the same command goes on.
	stop := a.AddFault(func(c local.Call) http.Handler {
		if c.Action == "StartExecution" {
			return &local.APIError{Status: 400, Code: "AccessDeniedException", Message: "planted"}
		}
		return nil
	})
	runOps(t, a, 1, "resend", p.sub, "--stack", "onboarding", "--yes")
	stop()
	r := about[resend.Report](t, a, 0, "resend", p.sub, "--yes")
	if !r.Started || r.Execution != dry.Execution {
		t.Errorf("resend said %+v, the dry run %+v", r, dry)
	}
	wait(t, a, person{User: p.User, sub: r.Execution}, types.ExecutionStatusSucceeded)
	after := recordOf(t, a, p.sub)
	if n := len(a.Mails(p.Email)); n != 2 || after.MessageID == before.MessageID || !after.Onboarded() {
		t.Errorf("%d mails, record %+v", n, after)
	}
	for state, s := range before.Steps {
		if again := after.Steps[state]; state != known.MailState && again.Execution != s.Execution {
			t.Errorf("%s was done again in %s", state, again.Execution)
		}
	}
	if next := about[resend.Report](t, a, 2, "resend", p.sub, "--dry-run"); next.Execution == r.Execution {
		t.Error("the next resend has the same execution")
	}
	if u := about[user.Report](t, a, 0, "user", p.sub); len(u.Executions) != 2 || !strings.HasPrefix(u.Mail, "sent") && !strings.HasPrefix(u.Mail, "delivered") {
		t.Errorf("user says %+v", u)
	}
}

func TestForgetLeavesNothing(t *testing.T) {
	a := startAWS(t)
	p := confirmed(t, a, "forget")
	wait(t, a, p, types.ExecutionStatusSucceeded)
	runOps(t, a, 1, "forget", p.sub, "--stack", "onboarding", "--yes") // the user is in the pool
	if !recordOf(t, a, p.sub).Exists() {
		t.Fatal("a user in the pool was forgotten")
	}

	// The event fails: the same command goes on, with the sub.
	stop := a.AddFault(func(c local.Call) http.Handler {
		if c.Action == "PutEvents" {
			return &local.APIError{Status: 400, Code: "AccessDeniedException", Message: "planted"}
		}
		return nil
	})
	runOps(t, a, 1, "forget", p.Email, "--stack", "onboarding", "--delete-user", "--yes")
	stop()
	if !recordOf(t, a, p.sub).Exists() {
		t.Error("the record is gone before the event")
	}
	if u := about[user.Report](t, a, 2, "user", p.sub); u.Pool != nil || u.Next.Action != known.Forget {
		t.Errorf("half-way user says %+v", u)
	}
	events := func() int { return len(forgotten(a, p.sub)) }
	before := events()
	r := about[forget.Report](t, a, 0, "forget", p.sub, "--yes")
	t.Log(r)
	if got := recordOf(t, a, p.sub); got.Exists() || events() != before+1 {
		t.Errorf("record %+v, %d events more", got, events()-before)
	}
	if profile, err := a.Profile(t.Context(), p.sub); err != nil || profile != nil {
		t.Errorf("profile %v, %v", profile, err)
	}
	for _, event := range forgotten(a, p.sub) {
		if strings.Contains(event, "@") || strings.Contains(event, "Jane") {
			t.Errorf("the event has personal data: %s", event)
		}
	}
	if r := about[forget.Report](t, a, 0, "forget", p.sub, "--yes"); len(r.Done) > 0 || events() != before+1 {
		t.Errorf("once more: %+v", r)
	}
}

// waitFor waits until something is true.
func waitFor(t *testing.T, isTrue func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !isTrue(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not become true")
		}
	}
}

// forgotten returns the bodies of the calls that put UserForgotten for a user.
func forgotten(a *local.AWS, sub string) []string {
	var bodies []string
	for _, c := range a.Calls(func(c local.Call) bool { return c.Action == "PutEvents" && c.Status == http.StatusOK }) {
		if body := string(c.Body); strings.Contains(body, sub) && strings.Contains(body, forget.DetailType) {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

func TestForgetStopsWhatRuns(t *testing.T) {
	a := startAWS(t)
	path := states(t)
	p := signUp(t, a, "forget-running")
	mend := failAt(a, p, path[len(path)-1], "TransientError") // retried for minutes
	if err := a.Confirm(t.Context(), p.User, nil); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return len(recordOf(t, a, p.sub).Steps) == len(path)-1 })
	r := about[forget.Report](t, a, 2, "forget", p.sub, "--delete-user", "--yes")
	if !r.Again || !slices.Contains(r.Done, "running execution "+p.sub) {
		t.Errorf("forget did %+v", r)
	}
	wait(t, a, p, types.ExecutionStatusAborted)
	if got := recordOf(t, a, p.sub); got.Exists() {
		t.Errorf("record %+v", got)
	}

	// Whoever redrives it leaves a record, but mails nobody; that is forgotten as well.
	mend()
	runOps(t, a, 0, "redrive", "--stack", "onboarding", "--execution", p.sub)
	wait(t, a, p, types.ExecutionStatusSucceeded)
	about[forget.Report](t, a, 0, "forget", p.sub, "--yes")
	if recordOf(t, a, p.sub).Exists() {
		t.Error("the record of the redriven execution stays")
	}
}

func TestOrphansAreFoundAndForgotten(t *testing.T) {
	a := startAWS(t)
	stays, goes := confirmed(t, a, "orphan-not"), confirmed(t, a, "orphan")
	wait(t, a, stays, types.ExecutionStatusSucceeded)
	wait(t, a, goes, types.ExecutionStatusSucceeded)
	if _, err := cognitoidentityprovider.NewFromConfig(a.Config()).AdminDeleteUser(t.Context(), &cognitoidentityprovider.AdminDeleteUserInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &goes.sub,
	}); err != nil {
		t.Fatal(err)
	}
	table := a.PhysicalID("DeliveryTable")
	if _, err := dynamodb.NewFromConfig(a.Config()).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: map[string]dynamodbtypes.AttributeValue{
		record.KeyName: &dynamodbtypes.AttributeValueMemberS{Value: "somebody else's"},
	}}); err != nil {
		t.Fatal(err)
	}
	find := []string{"orphans", "--stack", "onboarding", "--json"}
	r := opstest.Decode[orphans.Report](t, runOps(t, a, 2, find...))
	names := make([]string, 0)
	for _, o := range r.Orphans {
		names = append(names, o.User)
	}
	if !slices.Contains(names, goes.sub) || slices.Contains(names, stays.sub) {
		t.Errorf("orphans %q, want %s and not %s", names, goes.sub, stays.sub)
	}
	t.Log("\n" + runOps(t, a, 2, "orphans", "--stack", "onboarding"))
	runOps(t, a, 1, append(find, "--forget")...) // there is nobody to ask
	if r := opstest.Decode[orphans.Report](t, runOps(t, a, 0, append(find, "--forget", "--yes")...)); r.Summary.Forgotten != len(names) {
		t.Errorf("%+v, want %d forgotten", r.Summary, len(names))
	}
	if recordOf(t, a, goes.sub).Exists() || !recordOf(t, a, stays.sub).Exists() || len(forgotten(a, goes.sub)) != 1 {
		t.Error("the wrong ones were forgotten, or no event was put")
	}
	runOps(t, a, 0, find...)
}

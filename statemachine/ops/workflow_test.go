package main

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
)

func TestRedriveRedrivesWhatFailed(t *testing.T) {
	a := startAWS(t)
	fine, group, mail, bug := signUp(t, a, "fine"), signUp(t, a, "group"), signUp(t, a, "mail"), signUp(t, a, "bug")
	mends := []func(){
		failWith(a, group, "AdminAddUserToGroup", &local.APIError{Status: 400, Code: "ResourceNotFoundException", Message: "planted"}),
		failWith(a, mail, "SendEmail", &local.QueryError{Status: 400, Code: "MessageRejected", Message: "planted"}),
		failWith(a, bug, "SendEmail", &local.QueryError{Status: 400, Code: "NeverHeardOf", Message: "planted"}),
	}
	for _, p := range []person{fine, group, mail, bug} {
		if err := a.Confirm(t.Context(), p.User, nil); err != nil {
			t.Fatal(err)
		}
	}
	wait(t, a, fine, types.ExecutionStatusSucceeded)
	for _, p := range []person{group, mail, bug} {
		wait(t, a, p, types.ExecutionStatusFailed)
	}
	checkGroups(t, a, "AddUserToGroup ConfigurationError 1", "SendWelcomeEmail ConfigurationError 1", "SendWelcomeEmail UnexpectedError 1")
	t.Log("\n" + runOps(t, a, 2, "redrive", "--stack", "onboarding", "--names"))

	for _, mend := range mends {
		mend()
	}
	runOps(t, a, 2, "redrive", "--stack", "onboarding", "--all", "--dry-run")
	checkGroups(t, a, "AddUserToGroup ConfigurationError 1", "SendWelcomeEmail ConfigurationError 1", "SendWelcomeEmail UnexpectedError 1")
	t.Log("\n" + runOps(t, a, 0, "redrive", "--stack", "onboarding", "--state", "SendWelcomeEmail", "--error", "ConfigurationError"))
	checkOnboardedOnce(t, a, mail)
	checkGroups(t, a, "AddUserToGroup ConfigurationError 1", "SendWelcomeEmail UnexpectedError 1")

	// A throttled redrive is not lost, a repeated one does nothing.
	var throttle sync.Once
	t.Cleanup(a.AddFault(func(c local.Call) (answer http.Handler) {
		if c.Action == "RedriveExecution" {
			throttle.Do(func() { answer = &local.APIError{Status: 400, Code: "ThrottlingException", Message: "planted"} })
		}
		return answer
	}))
	t.Log("\n" + runOps(t, a, 0, "redrive", "--stack", "onboarding", "--all"))
	for _, p := range []person{fine, group, mail, bug} {
		checkOnboardedOnce(t, a, p)
	}
	if e := wait(t, a, bug, types.ExecutionStatusSucceeded); !slices.Equal(e.Path(), []string{"AddUserToGroup", "SaveProfile", "SendWelcomeEmail", "SendWelcomeEmail", "RecordAnalytics"}) {
		t.Errorf("redriven through %v", e.Path())
	}
	redrives := func() int {
		return len(a.Calls(func(c local.Call) bool { return c.Action == "RedriveExecution" && c.Status == http.StatusOK }))
	}
	before := redrives()
	runOps(t, a, 0, "redrive", "--stack", "onboarding", "--all")
	runOps(t, a, 0, "redrive", "--stack", "onboarding", "--execution", bug.sub)
	if before != 3 || redrives() != before {
		t.Errorf("%d redrives, and %d more when nothing is left; want 3 and none", before, redrives()-before)
	}
}

// checkGroups checks what redrive lists.
func checkGroups(t *testing.T, a *local.AWS, want ...string) {
	t.Helper()
	r := decode[redriveReport](t, runOps(t, a, 2, "redrive", "--stack", "onboarding", "--json"))
	var got []string
	for _, g := range r.Groups {
		got = append(got, fmt.Sprintf("%s %s %d", g.State, g.Error, g.Executions))
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("groups %q, want %q", got, want)
	}
}

func TestBackfillOnboardsAnAdminCreatedUser(t *testing.T) {
	a := startAWS(t)
	email := "admin-made@example.com"
	users := cognitoidentityprovider.NewFromConfig(a.Config())
	made, err := users.AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &email, MessageAction: cognitotypes.MessageActionTypeSuppress,
		UserAttributes: []cognitotypes.AttributeType{
			{Name: aws.String("email"), Value: &email}, {Name: aws.String("email_verified"), Value: aws.String("true")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := person{User: local.User{Email: email}}
	for _, attribute := range made.User.Attributes {
		if *attribute.Name == "sub" {
			p.sub = *attribute.Value
		}
	}
	find := []string{"backfill", "--stack", "onboarding", "--since", "1h", "--json"}
	if r := decode[backfillReport](t, runOps(t, a, 0, find...)); r.Summary.Started != 0 || r.Summary.NotConfirmed == 0 {
		t.Errorf("a user without a password: %+v", r.Summary)
	}
	if _, err := users.AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &email, Password: aws.String("Correct-horse-7-battery"), Permanent: true,
	}); err != nil {
		t.Fatal(err)
	}
	if r := decode[backfillReport](t, runOps(t, a, 2, append(find, "--dry-run")...)); r.Summary.WouldStart != 1 || r.Users[0].Execution != p.sub {
		t.Errorf("dry run: %+v, want %s", r, p.sub)
	}
	if r := decode[backfillReport](t, runOps(t, a, 0, find...)); r.Summary.Started != 1 {
		t.Errorf("summary %+v, want 1 started", r.Summary)
	}
	checkOnboardedOnce(t, a, p)
	if r := decode[backfillReport](t, runOps(t, a, 0, find...)); r.Summary.Started != 0 {
		t.Errorf("once more: %+v, want none started", r.Summary)
	}
}

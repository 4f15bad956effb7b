package workflowtest_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/backfill"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/sweep"
)

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
	find := []string{"backfill", "--stack", "onboarding", "--json"}
	if r := opstest.Decode[backfill.Report](t, runOps(t, a, 0, find...)); r.Summary[sweep.NotConfirmed] == 0 || contains(r, p) {
		t.Errorf("a user without a password: %+v", r.Summary)
	}
	if _, err := users.AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &email, Password: aws.String("Correct-horse-7-battery"), Permanent: true,
	}); err != nil {
		t.Fatal(err)
	}
	if r := opstest.Decode[backfill.Report](t, runOps(t, a, 2, append(find, "--dry-run")...)); !contains(r, p) {
		t.Errorf("dry run: %+v, want %s", r, p.sub)
	}
	if r := opstest.Decode[backfill.Report](t, runOps(t, a, 0, find...)); !contains(r, p) {
		t.Errorf("%+v, want %s started", r, p.sub)
	}
	checkOnboardedOnce(t, a, p)
	if r := opstest.Decode[backfill.Report](t, runOps(t, a, 0, find...)); contains(r, p) {
		t.Errorf("once more: %+v, want none started", r)
	}
}

// contains reports whether the person is among those who were started, or would be.
func contains(r backfill.Report, p person) bool {
	return slices.ContainsFunc(r.Users, func(u backfill.User) bool { return u.Execution == p.sub })
}

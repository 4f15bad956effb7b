package workflowtest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/backfill"
	"example.com/onboarding/statemachine/ops/internal/opstest"
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
	find := []string{"backfill", "--stack", "onboarding", "--since", "1h", "--json"}
	if r := opstest.Decode[backfill.Report](t, runOps(t, a, 0, find...)); r.Summary.Started != 0 || r.Summary.NotConfirmed == 0 {
		t.Errorf("a user without a password: %+v", r.Summary)
	}
	if _, err := users.AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &email, Password: aws.String("Correct-horse-7-battery"), Permanent: true,
	}); err != nil {
		t.Fatal(err)
	}
	if r := opstest.Decode[backfill.Report](t, runOps(t, a, 2, append(find, "--dry-run")...)); r.Summary.WouldStart != 1 || r.Users[0].Execution != p.sub {
		t.Errorf("dry run: %+v, want %s", r, p.sub)
	}
	if r := opstest.Decode[backfill.Report](t, runOps(t, a, 0, find...)); r.Summary.Started != 1 {
		t.Errorf("summary %+v, want 1 started", r.Summary)
	}
	checkOnboardedOnce(t, a, p)
	if r := opstest.Decode[backfill.Report](t, runOps(t, a, 0, find...)); r.Summary.Started != 0 {
		t.Errorf("once more: %+v, want none started", r.Summary)
	}
}

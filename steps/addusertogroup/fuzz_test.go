package main

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/steps/internal/steptest"
)

// fuzzedUsers is a Cognito that answers with the failures, if they are not nil. Its
// user's attributes all have the same value.
type fuzzedUsers struct {
	value           string
	adding, getting error
}

func (f fuzzedUsers) AdminAddUserToGroup(context.Context, *cognito.AdminAddUserToGroupInput, ...func(*cognito.Options)) (*cognito.AdminAddUserToGroupOutput, error) {
	return &cognito.AdminAddUserToGroupOutput{}, f.adding
}

func (f fuzzedUsers) CreateGroup(context.Context, *cognito.CreateGroupInput, ...func(*cognito.Options)) (*cognito.CreateGroupOutput, error) {
	return &cognito.CreateGroupOutput{}, f.getting
}

func (f fuzzedUsers) AdminGetUser(context.Context, *cognito.AdminGetUserInput, ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error) {
	out := &cognito.AdminGetUserOutput{UserAttributes: []types.AttributeType{{}, {Name: aws.String("name")}}}
	for _, name := range []string{"email", "email_verified", "locale", "custom:plan"} {
		out.UserAttributes = append(out.UserAttributes, types.AttributeType{Name: aws.String(name), Value: &f.value})
	}
	return out, f.getting
}

// FuzzAddUserToGroup hands the step any payload, with any rules and any answers of
// Cognito.
func FuzzAddUserToGroup(f *testing.F) {
	for i, payload := range steptest.Seeds() {
		f.Add([]byte(payload), uint8(i), uint8(0), "[]", "de")
		f.Add([]byte(payload), uint8(0), uint8(i), rules, steptest.Address)
		f.Add([]byte(payload), uint8(0), uint8(0), `[{"attribute":"`+steptest.Address+`","groups":["`+steptest.Address+` "]}]`, "true")
	}
	f.Fuzz(func(t *testing.T, payload []byte, adding, getting uint8, rules, value string) {
		users := fuzzedUsers{value, steptest.Failure(adding), steptest.Failure(getting)}
		steptest.CheckInvoke(t, newStep(rules, users).Handle, payload)
	})
}

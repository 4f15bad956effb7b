package main

import (
	"context"
	"testing"

	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.com/onboarding/steps/internal/steptest"
)

// fuzzedServices are a Cognito with one user and a DynamoDB; each answers with its
// failure.
type fuzzedServices struct {
	name, value        string
	noUser, noProfiles error
}

func (f fuzzedServices) AdminGetUser(context.Context, *cognito.AdminGetUserInput, ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error) {
	return &cognito.AdminGetUserOutput{UserAttributes: []types.AttributeType{{Name: &f.name, Value: &f.value}, {}}}, f.noUser
}

func (f fuzzedServices) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return &dynamodb.UpdateItemOutput{}, f.noProfiles
}

// FuzzSaveProfile hands the step any payload, with any attribute of the user and
// any answers of Cognito and DynamoDB.
func FuzzSaveProfile(f *testing.F) {
	for i, payload := range steptest.Seeds() {
		f.Add([]byte(payload), "given_name", "Jane", uint8(0), uint8(i))
		f.Add([]byte(payload), "", "", uint8(i), uint8(0))
	}
	f.Fuzz(func(t *testing.T, payload []byte, name, value string, noUser, noProfiles uint8) {
		services := fuzzedServices{name, value, steptest.Failure(noUser), steptest.Failure(noProfiles)}
		s := &SaveProfile{Users: services, Profiles: services, Table: "profiles", Attributes: []string{"given_name", name}}
		steptest.CheckInvoke(t, s.Handle, payload)
	})
}

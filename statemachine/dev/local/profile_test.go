package local_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"example.com/onboarding/statemachine/dev/local"
)

// profileOf returns the user's item in the profile table.
func profileOf(t *testing.T, aws *local.AWS, u user) map[string]any {
	t.Helper()
	profile, err := aws.Profile(t.Context(), u.sub)
	if err != nil {
		t.Fatal(err)
	}
	return profile
}

func TestProfileHasWhatTheTemplateAllows(t *testing.T) {
	needsStep(t, profileState)
	aws := startAWS(t)
	u := signUpAs(t, aws, local.User{Name: "Zéphyrine Quux", Attributes: map[string]string{"locale": "fr-CA"}})
	setAttribute(t, aws, u, "birthdate", "1990-01-01") // not an app client's to write
	checkSucceeded(t, confirm(t, aws, u))
	got := profileOf(t, aws, u)
	if got["confirmedAt"] == "" {
		t.Error("the profile has no confirmedAt")
	}
	delete(got, "confirmedAt")
	want := map[string]any{
		"sub": u.sub, "userPoolId": aws.Stack.UserPoolID, "username": u.username, "locale": "fr-CA",
		"attributes": map[string]any{"name": "Zéphyrine Quux"},
	}
	if hasStep(t, groupState) {
		want["groups"] = []any{"members"}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("profile\n got %v\nwant %v", got, want)
	}
}

// TestRepeatedStepKeepsWhatTheAppChanged hands the real function its task again.
func TestRepeatedStepKeepsWhatTheAppChanged(t *testing.T) {
	needsStep(t, profileState)
	a := startAWS(t)
	u := signUp(t, a)
	checkSucceeded(t, confirm(t, a, u))
	if _, err := dynamodb.NewFromConfig(a.Config()).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName:                 &a.Stack.ProfileTable,
		Key:                       map[string]types.AttributeValue{"sub": &types.AttributeValueMemberS{Value: u.sub}},
		UpdateExpression:          aws.String("SET locale = :ja, theme = :dark REMOVE attributes"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":ja": &types.AttributeValueMemberS{Value: "ja"}, ":dark": &types.AttributeValueMemberS{Value: "dark"}},
	}); err != nil {
		t.Fatal(err)
	}
	want := profileOf(t, a, u)
	task := a.Calls(func(c local.Call) bool { return u.isAt(c, profileState+" Invoke") })[0]
	out, err := lambda.NewFromConfig(a.Config()).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &task.Function, Payload: task.Body})
	if err != nil || out.FunctionError != nil {
		t.Fatalf("the step failed: %v %s", err, out.Payload)
	}
	if got := profileOf(t, a, u); !reflect.DeepEqual(got, want) || got["theme"] != "dark" || got["attributes"] != nil {
		t.Errorf("after the repeat %v, want %v", got, want)
	}
}

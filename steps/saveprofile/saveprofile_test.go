package main

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/steptest"
)

// getFunc is a Cognito that only knows users.
type getFunc func(*cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error)

func (f getFunc) AdminGetUser(_ context.Context, in *cognito.AdminGetUserInput, _ ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error) {
	return f(in)
}

// has is a Cognito whose only user has the attributes.
func has(attributes map[string]string) getFunc {
	out := &cognito.AdminGetUserOutput{}
	for name, value := range attributes {
		out.UserAttributes = append(out.UserAttributes, cognitotypes.AttributeType{Name: &name, Value: &value})
	}
	return func(*cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) { return out, nil }
}

// table is a DynamoDB with one table, which knows the one update that the step makes.
type table map[string]map[string]types.AttributeValue

// assignment is a clause of SET, as the step writes it.
var assignment = regexp.MustCompile(`^(#\w+) = if_not_exists\((#\w+), (:\w+)\)$`)

func (t table) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	key := in.Key["sub"].(*types.AttributeValueMemberS).Value //nolint:forcetypeassert // the test would fail
	item := maps.Clone(t[key])
	if item == nil {
		item = map[string]types.AttributeValue{"sub": in.Key["sub"]}
	}
	if *in.ConditionExpression == "attribute_not_exists(#confirmedAt)" && item[in.ExpressionAttributeNames["#confirmedAt"]] != nil {
		return nil, &types.ConditionalCheckFailedException{}
	}
	for clause := range strings.SplitSeq(strings.TrimPrefix(*in.UpdateExpression, "SET "), ", #") {
		m := assignment.FindStringSubmatch("#" + strings.TrimPrefix(clause, "#"))
		if m == nil || m[1] != m[2] {
			return nil, &smithy.GenericAPIError{Code: "ValidationException", Message: clause}
		}
		if name := in.ExpressionAttributeNames[m[1]]; item[name] == nil {
			item[name] = in.ExpressionAttributeValues[m[3]]
		}
	}
	t[key] = item
	return &dynamodb.UpdateItemOutput{}, nil
}

const sub = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"

// jane has more attributes than are copied.
var jane = map[string]string{
	"sub": sub, "email": "jane.doe@example.com", "given_name": "Jane", "custom:plan": "pro", "name": "", "birthdate": "1990-01-01",
}

func newStep(users getFunc, profiles ItemUpdater) *SaveProfile {
	return &SaveProfile{Users: users, Profiles: profiles, Table: "profiles", Attributes: []string{"given_name", "custom:plan", "name", "absent"}}
}

// task is the one in the contract's testdata, when the user is in two groups.
func task(t *testing.T) statemachine.Task {
	t.Helper()
	task := steptest.Task(t)
	task.State.Results = map[string]json.RawMessage{"group": json.RawMessage(`{"status":"done","reason":"","groups":["members","staff"]}`)}
	return task
}

// save hands the task to the step, which is to succeed.
func save(t *testing.T, users getFunc, profiles table) {
	t.Helper()
	result, err := newStep(users, profiles).Handle(t.Context(), task(t))
	if err != nil {
		t.Fatal(err)
	}
	steptest.CheckJSON(t, result, `{"status":"done","reason":""}`)
}

func TestProfileIsWritten(t *testing.T) {
	profiles := table{}
	save(t, has(jane), profiles)
	want := table{sub: {
		"sub":         text(sub),
		"userPoolId":  text("us-east-1_Example01"),
		"username":    text(sub),
		"groups":      &types.AttributeValueMemberL{Value: []types.AttributeValue{text("members"), text("staff")}},
		"confirmedAt": text("2026-03-01T12:00:00.123Z"),
		"locale":      text("pt-BR"),
		"attributes":  &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"given_name": text("Jane"), "custom:plan": text("pro")}},
	}}
	if !reflect.DeepEqual(profiles, want) {
		t.Errorf("got %#v, want %#v", profiles, want)
	}
}

func TestUserIsReadFromThePoolOfTheTask(t *testing.T) {
	var asked []*cognito.AdminGetUserInput
	save(t, func(in *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) {
		asked = append(asked, in)
		return has(jane)(in)
	}, table{})
	want := []*cognito.AdminGetUserInput{{UserPoolId: aws.String("us-east-1_Example01"), Username: aws.String(sub)}}
	if !reflect.DeepEqual(asked, want) {
		t.Errorf("Cognito was asked %d times, want once for the user of the task", len(asked))
	}
}

func TestLocaleOfTheUserComesBeforeThatOfTheClient(t *testing.T) {
	profiles := table{}
	save(t, has(map[string]string{"locale": "en;q=0.1, fr_CA"}), profiles)
	if got := profiles[sub]["locale"]; !reflect.DeepEqual(got, text("fr-CA")) {
		t.Errorf("locale %v, want fr-CA", got)
	}
	if got, there := profiles[sub]["attributes"]; there {
		t.Errorf("attributes %v of a user who has none of them", got)
	}
}

func TestRepeatChangesNothingThatTheAppChangedOrRemoved(t *testing.T) {
	profiles := table{}
	save(t, has(jane), profiles)
	profiles[sub]["locale"] = text("ja")
	profiles[sub]["plan"] = text("free")
	delete(profiles[sub], "attributes")
	want := maps.Clone(profiles[sub])
	save(t, has(jane), profiles)
	if got := profiles[sub]; !reflect.DeepEqual(got, want) {
		t.Errorf("after the repeat %#v, want %#v", got, want)
	}
}

func TestWhatTheAppWroteBeforeIsKept(t *testing.T) {
	profiles := table{sub: {"sub": text(sub), "locale": text("ja"), "theme": text("dark")}}
	save(t, has(jane), profiles)
	got := profiles[sub]
	if !reflect.DeepEqual(got["locale"], text("ja")) || !reflect.DeepEqual(got["theme"], text("dark")) {
		t.Errorf("what the app wrote is lost: %#v", got)
	}
	if got["confirmedAt"] == nil || got["attributes"] == nil {
		t.Errorf("what the app had not written is missing: %#v", got)
	}
}

func TestDeletedUserGetsNoProfile(t *testing.T) {
	profiles := table{}
	gone := func(*cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) {
		return nil, &cognitotypes.UserNotFoundException{}
	}
	result, err := newStep(gone, profiles).Handle(t.Context(), task(t))
	if err != nil {
		t.Fatal(err)
	}
	steptest.CheckJSON(t, result, `{"status":"skipped","reason":"user not found"}`)
	if len(profiles) > 0 {
		t.Errorf("profiles %v", profiles)
	}
}

// failing is a DynamoDB that answers every update with the error.
type failing struct{ err error }

func (f failing) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, f.err
}

func TestErrorsAreClassified(t *testing.T) {
	code := func(code string) error {
		return &smithy.GenericAPIError{Code: code, Message: "about jane.doe@example.com"}
	}
	for name, test := range map[string]struct {
		ofCognito, ofDynamoDB error
		operation             string
		want                  reflect.Type
	}{
		"user throttled":     {code("TooManyRequestsException"), nil, "Cognito AdminGetUser", reflect.TypeFor[*statemachine.ThrottledError]()},
		"pool missing":       {code("ResourceNotFoundException"), nil, "Cognito AdminGetUser", reflect.TypeFor[*statemachine.NotReadyError]()},
		"table throttled":    {nil, code("ProvisionedThroughputExceededException"), operation, reflect.TypeFor[*statemachine.ThrottledError]()},
		"table failed":       {nil, code("InternalServerError"), operation, reflect.TypeFor[*statemachine.TransientError]()},
		"time-out":           {nil, context.DeadlineExceeded, operation, reflect.TypeFor[*statemachine.TransientError]()},
		"table missing":      {nil, code("ResourceNotFoundException"), operation, reflect.TypeFor[*statemachine.NotReadyError]()},
		"permission missing": {nil, code("AccessDeniedException"), operation, reflect.TypeFor[*statemachine.NotReadyError]()},
		"invalid":            {nil, code("ValidationException"), operation, reflect.TypeFor[*statemachine.UnexpectedError]()},
	} {
		t.Run(name, func(t *testing.T) {
			users := has(jane)
			if test.ofCognito != nil {
				users = func(*cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) { return nil, test.ofCognito }
			}
			_, err := newStep(users, failing{test.ofDynamoDB}).Handle(t.Context(), task(t))
			if got := reflect.TypeOf(err); got != test.want {
				t.Fatalf("got a %v (%v), want a %v", got, err, test.want)
			}
			if !strings.HasPrefix(err.Error(), test.operation+": ") || strings.Contains(err.Error(), "jane") {
				t.Errorf("text %q: want the operation %s, and nothing of the message", err, test.operation)
			}
		})
	}
}

func TestReleasedTasksAreTaken(t *testing.T) {
	profiles := table{}
	steptest.CheckReleased(t, newStep(has(jane), profiles).Handle)
	want := &types.AttributeValueMemberL{Value: []types.AttributeValue{text("members")}}
	if got := profiles[sub]["groups"]; !reflect.DeepEqual(got, want) {
		t.Errorf("the profile has the groups %v, want those of the task", got)
	}
}

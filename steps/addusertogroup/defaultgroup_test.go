package main

import (
	"context"
	"reflect"
	"slices"
	"testing"

	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/steptest"
)

// emptyPool is a Cognito without groups, but for one that came while the step made it.
type emptyPool struct {
	pool

	groups        []string
	refusal       error
	cameMeanwhile bool
}

func (p *emptyPool) AdminAddUserToGroup(_ context.Context, in *cognito.AdminAddUserToGroupInput, _ ...func(*cognito.Options)) (*cognito.AdminAddUserToGroupOutput, error) {
	if !slices.Contains(p.groups, *in.GroupName) {
		return nil, operationError("AdminAddUserToGroup", &types.ResourceNotFoundException{})
	}
	return &cognito.AdminAddUserToGroupOutput{}, nil
}

func (p *emptyPool) CreateGroup(_ context.Context, in *cognito.CreateGroupInput, _ ...func(*cognito.Options)) (*cognito.CreateGroupOutput, error) {
	if p.refusal != nil {
		return nil, operationError("CreateGroup", p.refusal)
	}
	if *in.UserPoolId != "us-east-1_Example01" {
		return nil, operationError("CreateGroup", &types.ResourceNotFoundException{})
	}
	p.groups = append(p.groups, *in.GroupName)
	if p.cameMeanwhile {
		return nil, operationError("CreateGroup", &types.GroupExistsException{})
	}
	return &cognito.CreateGroupOutput{}, nil
}

func TestMissingDefaultGroupIsMade(t *testing.T) {
	for _, cameMeanwhile := range []bool{false, true} {
		users := &emptyPool{cameMeanwhile: cameMeanwhile}
		result, err := (&AddUserToGroup{DefaultGroup: "members", Users: users}).Handle(t.Context(), steptest.Task(t))
		if err != nil || !slices.Equal(users.groups, []string{"members"}) {
			t.Errorf("came meanwhile %t: groups %q, error %v; want the default group", cameMeanwhile, users.groups, err)
		}
		steptest.CheckJSON(t, result, `{"status":"done","reason":"","groups":["members"]}`)
	}
}

func TestGroupThatCannotBeMadeIsReported(t *testing.T) {
	for code, want := range map[string]reflect.Type{
		"AccessDeniedException":    reflect.TypeFor[*statemachine.NotReadyError](),
		"TooManyRequestsException": reflect.TypeFor[*statemachine.ThrottledError](),
	} {
		users := &emptyPool{refusal: &smithy.GenericAPIError{Code: code}}
		_, err := (&AddUserToGroup{DefaultGroup: "members", Users: users}).Handle(t.Context(), steptest.Task(t))
		if got := reflect.TypeOf(err); got != want || !slices.Contains([]string{"Cognito CreateGroup: " + code, "Cognito CreateGroup: " + code + ": the role of the function lacks the permission"}, err.Error()) {
			t.Errorf("got a %v: %v, want a %v of CreateGroup", got, err, want)
		}
	}
}

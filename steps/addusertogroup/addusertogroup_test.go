package main

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/steptest"
)

// pool is a Cognito. A call of a nil function is a bug of the step.
type pool struct {
	addFunc
	getFunc
}

type addFunc func(context.Context, *cognito.AdminAddUserToGroupInput) error

func (f addFunc) AdminAddUserToGroup(ctx context.Context, in *cognito.AdminAddUserToGroupInput, _ ...func(*cognito.Options)) (*cognito.AdminAddUserToGroupOutput, error) {
	if err := f(ctx, in); err != nil {
		return nil, operationError("AdminAddUserToGroup", err)
	}
	return &cognito.AdminAddUserToGroupOutput{}, nil
}

// CreateGroup makes a group; whether it is there, addFunc knows.
func (addFunc) CreateGroup(context.Context, *cognito.CreateGroupInput, ...func(*cognito.Options)) (*cognito.CreateGroupOutput, error) {
	return &cognito.CreateGroupOutput{}, nil
}

type getFunc func(context.Context, *cognito.AdminGetUserInput) ([]types.AttributeType, error)

func (f getFunc) AdminGetUser(ctx context.Context, in *cognito.AdminGetUserInput, _ ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error) {
	attributes, err := f(ctx, in)
	if err != nil {
		return nil, operationError("AdminGetUser", err)
	}
	return &cognito.AdminGetUserOutput{UserAttributes: attributes}, nil
}

func operationError(name string, err error) error {
	return &smithy.OperationError{ServiceID: "Cognito Identity Provider", OperationName: name, Err: err}
}

// answers is a Cognito that answers every group change with the error, or well with
// nil.
func answers(err error) pool {
	return pool{addFunc: func(context.Context, *cognito.AdminAddUserToGroupInput) error { return err }}
}

func TestUserIsAddedToTheGroup(t *testing.T) {
	var calls []*cognito.AdminAddUserToGroupInput
	step := &AddUserToGroup{DefaultGroup: "members", Users: pool{addFunc: func(ctx context.Context, in *cognito.AdminAddUserToGroupInput) error {
		if ctx != t.Context() {
			t.Error("the call does not have the context of the step")
		}
		calls = append(calls, in)
		return nil
	}}}
	result, err := step.Handle(t.Context(), steptest.Task(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []*cognito.AdminAddUserToGroupInput{{
		UserPoolId: aws.String("us-east-1_Example01"),
		Username:   aws.String("3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"),
		GroupName:  aws.String("members"),
	}}
	if !reflect.DeepEqual(calls, want) {
		got, _ := json.Marshal(calls)
		t.Errorf("Cognito was called with %s, want one call for the user and the group", got)
	}
	steptest.CheckJSON(t, result, `{"status":"done","reason":"","groups":["members"]}`)
}

func TestMissingUserIsLookedForAgainAndThenSkipped(t *testing.T) {
	step := &AddUserToGroup{DefaultGroup: "members", Users: answers(&types.UserNotFoundException{Message: aws.String("jane.doe")})}
	task := steptest.Task(t)
	for task.RetryCount = range 5 {
		_, err := step.Handle(t.Context(), task)
		if got, want := reflect.TypeOf(err), reflect.TypeFor[*statemachine.TransientError](); got != want {
			t.Errorf("retryCount %d: got a %v (%v), want a %v", task.RetryCount, got, err, want)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "Cognito AdminAddUserToGroup: UserNotFoundException: ") {
			t.Errorf("retryCount %d: text %q lacks operation and code", task.RetryCount, err)
		}
	}
	for _, task.RetryCount = range []int{5, 6, 200} {
		result, err := step.Handle(t.Context(), task)
		if err != nil {
			t.Errorf("retryCount %d: got the error %v, want the user skipped", task.RetryCount, err)
		}
		steptest.CheckJSON(t, result, `{"status":"skipped","reason":"user not found","groups":[]}`)
	}
}

func TestErrorsOfCognito(t *testing.T) {
	message := aws.String("jane.doe@example.com is in the way")
	for _, test := range []struct {
		name string
		err  error
		want reflect.Type
	}{
		{"too many requests", &types.TooManyRequestsException{Message: message}, reflect.TypeFor[*statemachine.ThrottledError]()},
		{"internal error", &types.InternalErrorException{Message: message}, reflect.TypeFor[*statemachine.TransientError]()},
		{"time-out", context.DeadlineExceeded, reflect.TypeFor[*statemachine.TransientError]()},
		{"group or pool missing", &types.ResourceNotFoundException{Message: message}, reflect.TypeFor[*statemachine.NotReadyError]()},
		{"not authorized", &types.NotAuthorizedException{Message: message}, reflect.TypeFor[*statemachine.NotReadyError]()},
		{"permission missing", &smithy.GenericAPIError{Code: "AccessDeniedException", Message: *message}, reflect.TypeFor[*statemachine.NotReadyError]()},
		{"invalid parameter", &types.InvalidParameterException{Message: message}, reflect.TypeFor[*statemachine.UnexpectedError]()},
		{"unknown", errors.New(*message), reflect.TypeFor[*statemachine.UnexpectedError]()},
	} {
		t.Run(test.name, func(t *testing.T) {
			step := &AddUserToGroup{DefaultGroup: "members", Users: answers(test.err)}
			_, err := step.Handle(t.Context(), steptest.Task(t))
			if got := reflect.TypeOf(err); got != test.want {
				t.Fatalf("%v: got a %v (%v), want a %v", test.err, got, err, test.want)
			}
			if !strings.HasPrefix(err.Error(), "Cognito AdminAddUserToGroup: ") || strings.Contains(err.Error(), "jane.doe") {
				t.Errorf("text %q: want the operation, and nothing of the message", err)
			}
		})
	}
}

func TestReleasedTasksAreTaken(t *testing.T) {
	steptest.CheckReleased(t, (&AddUserToGroup{DefaultGroup: "members", Users: answers(nil)}).Handle)
}

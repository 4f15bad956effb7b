// Package userpool reads a user's attributes for the steps. They are personal
// data: a step uses them, and returns and logs none of them.
package userpool

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/awserr"
)

// Operation is how errors name the call.
const Operation = "Cognito AdminGetUser"

// ReasonUserNotFound is why a step was skipped whose user was deleted meanwhile.
const ReasonUserNotFound statemachine.Reason = "user not found"

// API is the part of Cognito's API that reads a user.
type API interface {
	AdminGetUser(context.Context, *cognito.AdminGetUserInput, ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error)
}

// Attributes returns the attributes of the task's user by name, such as "email" or
// "custom:plan", as Cognito has them now. A user who was deleted is not found. The
// error is one of those of package statemachine, to be returned as it is.
func Attributes(ctx context.Context, users API, task statemachine.Task) (attributes map[string]string, found bool, err error) {
	out, err := users.AdminGetUser(ctx, &cognito.AdminGetUserInput{
		UserPoolId: aws.String(task.State.UserPoolID),
		Username:   aws.String(task.State.Username),
	})
	if awserr.IsCode(err, "UserNotFoundException") {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, awserr.Classify(Operation, err)
	}
	attributes = make(map[string]string, len(out.UserAttributes))
	for _, a := range out.UserAttributes {
		attributes[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	return attributes, true, nil
}

package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/awserr"
)

const operation = "Cognito AdminAddUserToGroup"

// missingRetries is how often a user who is not found is looked for again.
// Cognito may not find a user in the first moments after the sign-up; after five
// retries (16 seconds on average) the user was deleted.
const missingRetries = 5

// GroupAdder is the part of Cognito's API that the step needs.
type GroupAdder interface {
	AdminAddUserToGroup(context.Context, *cognito.AdminAddUserToGroupInput, ...func(*cognito.Options)) (*cognito.AdminAddUserToGroupOutput, error)
}

// AddUserToGroup puts the user in a group of the pool. The group is in the next
// token that the user is given, not in one that was issued before.
type AddUserToGroup struct {
	Users GroupAdder
	// Group is the name of the group. It must exist: that it does not is a
	// ConfigurationError.
	Group string
}

// Handle adds the user to the group; a repeat changes nothing. A user who was
// deleted meanwhile is skipped.
func (s *AddUserToGroup) Handle(ctx context.Context, task statemachine.Task) (statemachine.GroupResult, error) {
	_, err := s.Users.AdminAddUserToGroup(ctx, &cognito.AdminAddUserToGroupInput{
		UserPoolId: aws.String(task.State.UserPoolID),
		Username:   aws.String(task.State.Username),
		GroupName:  aws.String(s.Group),
	})
	if awserr.IsCode(err, "UserNotFoundException") {
		return userNotFound(task)
	}
	if err != nil {
		return statemachine.GroupResult{}, awserr.Classify(operation, err)
	}
	return statemachine.GroupResult{Outcome: statemachine.Done(), Groups: []string{s.Group}}, nil
}

func userNotFound(task statemachine.Task) (statemachine.GroupResult, error) {
	if task.RetryCount < missingRetries {
		return statemachine.GroupResult{}, awserr.Transient.New(operation, "UserNotFoundException",
			"Cognito may not find a user right after the sign-up")
	}
	skipped := statemachine.Skipped(statemachine.ReasonUserNotFound)
	return statemachine.GroupResult{Outcome: skipped, Groups: []string{}}, nil
}

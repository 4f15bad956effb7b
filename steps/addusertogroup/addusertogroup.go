package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/grouprules"
	"example.com/onboarding/steps/internal/awserr"
)

const (
	addToGroup = "Cognito AdminAddUserToGroup"
	getUser    = "Cognito AdminGetUser"
)

// missingRetries is how often a user who is not found is looked for again.
// Cognito may not find a user in the first moments after the sign-up; after five
// retries (16 seconds on average) the user was deleted.
const missingRetries = 5

// Users is the part of Cognito's API that the step needs.
type Users interface {
	AdminAddUserToGroup(context.Context, *cognito.AdminAddUserToGroupInput, ...func(*cognito.Options)) (*cognito.AdminAddUserToGroupOutput, error)
	AdminGetUser(context.Context, *cognito.AdminGetUserInput, ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error)
}

// AddUserToGroup puts the user in groups of the pool: in the default group, and in
// those of the rules that match. A group is in the next token that the user is
// given, not in one that was issued before.
//
// Many groups and a slow Cognito may take longer than the function has. It is then
// ended and retried from the first group on, which does no harm, because adding a
// user twice is no error.
type AddUserToGroup struct {
	Users Users
	// DefaultGroup is the group that every user is put in, before anything that
	// could fail on account of the rules. It must exist, and so must the groups of
	// the rules: that one does not is a ConfigurationError.
	DefaultGroup string
	// Rules say which other groups the user is put in. Only if there are any is
	// the user read, because all of the account share Cognito's quota for that.
	Rules grouprules.Rules
	// RulesError is why the rules could not be read, if they could not. It is a
	// ConfigurationError of each task, so that no user is lost.
	RulesError error
}

// Handle adds the user to the groups; a repeat changes nothing. A user who was
// deleted meanwhile is skipped.
func (s *AddUserToGroup) Handle(ctx context.Context, task statemachine.Task) (statemachine.GroupResult, error) {
	if err := s.add(ctx, task, s.DefaultGroup); err != nil {
		return failed(task, addToGroup, missingGroup(s.DefaultGroup), err)
	}
	groups := []string{s.DefaultGroup}
	if s.RulesError != nil {
		return statemachine.GroupResult{}, badRules(s.RulesError)
	}
	if len(s.Rules) == 0 {
		return done(groups)
	}
	user, err := s.Users.AdminGetUser(ctx, &cognito.AdminGetUserInput{
		UserPoolId: aws.String(task.State.UserPoolID),
		Username:   aws.String(task.State.Username),
	})
	if err != nil {
		return failed(task, getUser, "the user pool does not exist", err)
	}
	for _, group := range s.Rules.Groups(attributeMap(user.UserAttributes)) {
		if group == s.DefaultGroup {
			continue
		}
		if err := s.add(ctx, task, group); err != nil {
			return failed(task, addToGroup, missingGroup(group), err)
		}
		groups = append(groups, group)
	}
	return done(groups)
}

func (s *AddUserToGroup) add(ctx context.Context, task statemachine.Task, group string) error {
	_, err := s.Users.AdminAddUserToGroup(ctx, &cognito.AdminAddUserToGroupInput{
		UserPoolId: aws.String(task.State.UserPoolID),
		Username:   aws.String(task.State.Username),
		GroupName:  aws.String(group),
	})
	return err //nolint:wrapcheck // failed looks at the error itself
}

func done(groups []string) (statemachine.GroupResult, error) {
	return statemachine.GroupResult{Outcome: statemachine.Done(), Groups: groups}, nil
}

// failed decides what a failed call means; missing says what Cognito did not find
// if it was not the user.
func failed(task statemachine.Task, operation, missing string, err error) (statemachine.GroupResult, error) {
	switch gone := awserr.IsCode(err, "UserNotFoundException"); {
	case gone && task.RetryCount < missingRetries:
		return statemachine.GroupResult{}, awserr.Transient.For(operation, err, "Cognito may not find a user right after the sign-up")
	case gone:
		skipped := statemachine.Skipped(statemachine.ReasonUserNotFound)
		return statemachine.GroupResult{Outcome: skipped, Groups: []string{}}, nil
	case awserr.IsCode(err, "ResourceNotFoundException"):
		return statemachine.GroupResult{}, awserr.Configuration.For(operation, err, missing)
	}
	return statemachine.GroupResult{}, awserr.Classify(operation, err)
}

func missingGroup(name string) string {
	return fmt.Sprintf("the group %q does not exist, or the user pool does not", name)
}

// badRules names the first problem of the rules, whose texts hold nothing personal.
func badRules(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return awserr.Configuration.New("parameter GroupRules", "malformed", first+" (ops doctor lists every problem)")
}

func attributeMap(list []types.AttributeType) map[string]string {
	m := make(map[string]string, len(list))
	for _, a := range list {
		m[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	return m
}

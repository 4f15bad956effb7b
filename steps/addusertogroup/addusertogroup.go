package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/grouprules"
	"example.com/onboarding/steps/internal/awserr"
	"example.com/onboarding/steps/internal/userpool"
)

const (
	operation = "Cognito AdminAddUserToGroup"
	makeGroup = "Cognito CreateGroup"
)

// missingRetries is how often a user who is not found is looked for again.
// Cognito may not find a user in the first moments after the sign-up; after five
// retries (16 seconds on average) the user was deleted.
const missingRetries = 5

// Result is the result of AddUserToGroup.
type Result struct {
	statemachine.Outcome

	// Groups are the groups that the user was put in.
	Groups []string `json:"groups"`
}

// Users is the part of Cognito's API that the step needs.
type Users interface {
	userpool.API
	AdminAddUserToGroup(context.Context, *cognito.AdminAddUserToGroupInput, ...func(*cognito.Options)) (*cognito.AdminAddUserToGroupOutput, error)
	CreateGroup(context.Context, *cognito.CreateGroupInput, ...func(*cognito.Options)) (*cognito.CreateGroupOutput, error)
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
	// could fail on account of the rules. It is made if the pool does not have it,
	// so that the parameter may be changed, and changed back, at any time. The
	// groups of the rules must exist: a mistyped one would be an empty group that
	// nobody notices. That one does not is a NotReadyError.
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
func (s *AddUserToGroup) Handle(ctx context.Context, task statemachine.Task) (Result, error) {
	if call, err := s.addToDefault(ctx, task); err != nil {
		return failed(call, task, missingGroup(s.DefaultGroup), err)
	}
	groups := []string{s.DefaultGroup}
	if s.RulesError != nil {
		return Result{}, badRules(s.RulesError)
	}
	if len(s.Rules) == 0 {
		return done(groups)
	}
	attributes, found, err := userpool.Attributes(ctx, s.Users, task)
	if err != nil {
		return Result{}, err
	}
	if !found {
		return userNotFound(userpool.Operation, task)
	}
	for _, group := range s.Rules.Groups(attributes) {
		if group == s.DefaultGroup {
			continue
		}
		if err := s.add(ctx, task, group); err != nil {
			return failed(operation, task, missingGroup(group), err)
		}
		groups = append(groups, group)
	}
	return done(groups)
}

// addToDefault adds the user to the default group, and makes that for its first user;
// of two at once, one finds it made. The error is that of the call that is named.
func (s *AddUserToGroup) addToDefault(ctx context.Context, task statemachine.Task) (call string, err error) {
	err = s.add(ctx, task, s.DefaultGroup)
	if !awserr.IsCode(err, "ResourceNotFoundException") {
		return operation, err
	}
	_, err = s.Users.CreateGroup(ctx, &cognito.CreateGroupInput{
		UserPoolId: aws.String(task.State.UserPoolID),
		GroupName:  aws.String(s.DefaultGroup),
	})
	if err != nil && !awserr.IsCode(err, "GroupExistsException") {
		return makeGroup, err
	}
	return operation, s.add(ctx, task, s.DefaultGroup)
}

func (s *AddUserToGroup) add(ctx context.Context, task statemachine.Task, group string) error {
	_, err := s.Users.AdminAddUserToGroup(ctx, &cognito.AdminAddUserToGroupInput{
		UserPoolId: aws.String(task.State.UserPoolID),
		Username:   aws.String(task.State.Username),
		GroupName:  aws.String(group),
	})
	return err
}

func done(groups []string) (Result, error) {
	return Result{Outcome: statemachine.Done(), Groups: groups}, nil
}

// failed decides what a failed call means; missing says what Cognito did not find if
// it was not the user.
func failed(call string, task statemachine.Task, missing string, err error) (Result, error) {
	switch {
	case awserr.IsCode(err, "UserNotFoundException"):
		return userNotFound(call, task)
	case awserr.IsCode(err, "ResourceNotFoundException"):
		return Result{}, awserr.NotReady.For(call, err, missing)
	}
	return Result{}, awserr.Classify(call, err)
}

func userNotFound(operation string, task statemachine.Task) (Result, error) {
	if task.RetryCount < missingRetries {
		return Result{}, awserr.Transient.New(operation, "UserNotFoundException", "Cognito may not find a user right after the sign-up")
	}
	return Result{Outcome: statemachine.SkippedUntil(statemachine.UntilFound, userpool.ReasonUserNotFound), Groups: []string{}}, nil
}

func missingGroup(name string) string {
	return fmt.Sprintf("the group %q does not exist, or the user pool does not", name)
}

// badRules names the first problem of the rules, whose texts hold nothing personal.
func badRules(err error) error {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return awserr.Configuration.New("parameter GroupRules", "malformed", first+" (ops doctor lists every problem)")
}

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/awserr"
	"example.com/onboarding/steps/internal/locale"
	"example.com/onboarding/steps/internal/userpool"
)

const operation = "DynamoDB UpdateItem"

// Result is the result of SaveProfile. The profile itself stays in its table.
type Result struct {
	statemachine.Outcome
}

// ItemUpdater is the part of DynamoDB's API that the step needs.
type ItemUpdater interface {
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// SaveProfile writes the user's item to the profile table, for the app to read and
// to go on with:
//
//	sub          the key: the user's sub or its stand-in (Input.UserKey)
//	userPoolId   the pool that the user is in
//	username     the name that Cognito's API finds the user by
//	groups       list: those of the result "group", which AddUserToGroup has
//	confirmedAt  when the execution started: milliseconds after the confirmation, or
//	             the time of the backfill; UTC, such as 2026-03-01T12:00:00.123Z
//	locale       the tag of the preferred language, such as pt-BR, of the user's attribute
//	             or else of what the app client sent; may be missing
//	attributes   map: the attributes of the pool that Attributes names, as far as the
//	             user has them; missing when there are none
//
// The item is written once. A member that the app wrote before is kept, and once
// confirmedAt is there a repeat changes nothing, so whatever the app has changed or
// removed since stays so.
type SaveProfile struct {
	Users    userpool.API
	Profiles ItemUpdater
	Table    string
	// Attributes are the names of the attributes to copy, such as "given_name"
	// or "custom:plan".
	Attributes []string
}

// Handle writes the item. A user who was deleted meanwhile is skipped, and gets
// none.
func (s *SaveProfile) Handle(ctx context.Context, task statemachine.Task) (Result, error) {
	attributes, found, err := userpool.Attributes(ctx, s.Users, task)
	if err != nil {
		return Result{}, err
	}
	if !found {
		return Result{Outcome: statemachine.SkippedUntil(statemachine.UntilFound, userpool.ReasonUserNotFound)}, nil
	}
	var group struct{ Groups []string }
	if err := task.State.Result("group", &group); err != nil {
		return Result{}, awserr.Unexpected.New("task input", "malformed result", "group")
	}
	_, err = s.Profiles.UpdateItem(ctx, s.update(task, attributes, group.Groups))
	if err != nil && !awserr.IsCode(err, "ConditionalCheckFailedException") {
		return Result{}, awserr.Classify(operation, err)
	}
	return Result{Outcome: statemachine.Done()}, nil
}

// update sets those members that the item lacks, if this step has not written it
// before. The names are placeholders, because some are reserved words
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html).
func (s *SaveProfile) update(task statemachine.Task, attributes map[string]string, groups []string) *dynamodb.UpdateItemInput {
	members := s.members(task, attributes, groups)
	in := &dynamodb.UpdateItemInput{
		TableName:                 &s.Table,
		Key:                       map[string]types.AttributeValue{"sub": text(task.State.UserKey())},
		ConditionExpression:       aws.String("attribute_not_exists(#confirmedAt)"),
		ExpressionAttributeNames:  make(map[string]string, len(members)),
		ExpressionAttributeValues: make(map[string]types.AttributeValue, len(members)),
	}
	var set []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		set = append(set, fmt.Sprintf("#%s = if_not_exists(#%[1]s, :%[1]s)", name))
		in.ExpressionAttributeNames["#"+name] = name
		in.ExpressionAttributeValues[":"+name] = members[name]
	}
	in.UpdateExpression = aws.String("SET " + strings.Join(set, ", "))
	return in
}

func (s *SaveProfile) members(task statemachine.Task, attributes map[string]string, groups []string) map[string]types.AttributeValue {
	m := map[string]types.AttributeValue{
		"userPoolId":  text(task.State.UserPoolID),
		"username":    text(task.State.Username),
		"groups":      list(groups),
		"confirmedAt": text(task.StartTime.UTC().Format("2006-01-02T15:04:05.000Z07:00")),
	}
	if languages := locale.OfUser(attributes, task.State.Metadata); len(languages) > 0 {
		m["locale"] = text(languages[0])
	}
	copied := make(map[string]types.AttributeValue)
	for _, name := range s.Attributes {
		if value := attributes[name]; value != "" {
			copied[name] = text(value)
		}
	}
	if len(copied) > 0 {
		m["attributes"] = &types.AttributeValueMemberM{Value: copied}
	}
	return m
}

func list(names []string) types.AttributeValue {
	l := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
	for _, name := range names {
		l.Value = append(l.Value, text(name))
	}
	return l
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

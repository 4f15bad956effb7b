package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/steps/internal/awserr"
)

const updateRecord = "DynamoDB UpdateItem"

// DeliveryAPI is the part of DynamoDB's API that Deliveries needs.
type DeliveryAPI interface {
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Deliveries is what the users' records (see package record) say of the mail. SES has
// no idempotency token, so this is what keeps a retry, a redrive or another execution
// from mailing twice.
//
// An attempt claims the delivery before it calls SES and confirms it after. It
// releases the claim only when SES has refused the mail, or was not reached. A
// claim that an attempt left behind, because it crashed or SES's answer was lost,
// is never taken over: nobody can tell whether that mail was sent, and of a lost
// mail and a second one the lost one is the smaller harm.
type Deliveries struct {
	API   DeliveryAPI
	Table string
	Now   func() time.Time
}

// delivery is what is known of one mail.
type delivery struct {
	// ours says that this attempt has the claim, and may send.
	ours bool
	// messageID is the mail's, if it was sent.
	messageID string
	// running says that another attempt has the claim and may still be running.
	running bool
}

// claim claims the delivery for the attempt, which ends at the deadline at the
// latest. The attempt is the request ID of the invocation.
func (d *Deliveries) claim(ctx context.Context, user, attempt string, deadline time.Time) (delivery, error) {
	err := d.update(ctx, user, &dynamodb.UpdateItemInput{
		UpdateExpression:    aws.String("SET attempt = :attempt, deadline = :deadline"),
		ConditionExpression: aws.String("(attribute_not_exists(attempt) OR attempt = :none) AND attribute_not_exists(messageId)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":attempt":  text(attempt),
			":none":     text(""),
			":deadline": &types.AttributeValueMemberN{Value: strconv.FormatInt(deadline.UnixMilli(), 10)},
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if taken, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return d.existing(taken.Item, attempt), nil
	}
	if err != nil {
		// The claim may stand all the same, after a time-out or a 500
		// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html).
		// Nothing is sent under it, so it must not stand in the way of the retry.
		d.release(ctx, user, attempt) //nolint:errcheck // if this fails too, it does, and the mail is skipped
		return delivery{}, awserr.Classify(updateRecord, err)
	}
	return delivery{ours: true}, nil
}

func (d *Deliveries) existing(item map[string]types.AttributeValue, attempt string) delivery {
	if id := stringOf(item["messageId"]); id != "" {
		return delivery{messageID: id}
	}
	if attempt != noRequest && stringOf(item["attempt"]) == attempt {
		return delivery{ours: true} // the answer to our own claim was lost, and the SDK repeated it
	}
	return delivery{running: d.Now().UnixMilli() < numberOf(item["deadline"])}
}

// confirm notes that the mail was sent.
func (d *Deliveries) confirm(ctx context.Context, user, messageID string) error {
	return awserr.Classify(updateRecord, d.update(ctx, user, &dynamodb.UpdateItemInput{
		UpdateExpression:          aws.String("SET messageId = :id"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":id": text(messageID)},
	}))
}

// release gives the attempt's claim up, so that a retry may send the mail.
func (d *Deliveries) release(ctx context.Context, user, attempt string) error {
	return awserr.Classify(updateRecord, d.update(ctx, user, &dynamodb.UpdateItemInput{
		UpdateExpression:          aws.String("SET attempt = :none"),
		ConditionExpression:       aws.String("attempt = :mine"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":mine": text(attempt), ":none": text("")},
	}))
}

func (d *Deliveries) update(ctx context.Context, user string, in *dynamodb.UpdateItemInput) error {
	in.TableName, in.Key = &d.Table, record.KeyOf(user)
	_, err := d.API.UpdateItem(ctx, in)
	return err
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func stringOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// numberOf returns the number, or 0 if there is none: a deadline that has passed.
func numberOf(v types.AttributeValue) int64 {
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	i, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return 0
	}
	return i
}

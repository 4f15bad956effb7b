package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.com/onboarding/steps/internal/awserr"
)

const (
	claimDelivery   = "DynamoDB PutItem"
	releaseDelivery = "DynamoDB DeleteItem"
	confirmDelivery = "DynamoDB UpdateItem"
)

// DeliveryAPI is the part of DynamoDB's API that the delivery record needs.
type DeliveryAPI interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Deliveries is the record of mails, one item for each user and mail. SES has no
// idempotency token, so this record is what keeps a retry, a redrive or a
// backfill from mailing twice. It is kept for good: Step Functions forgets an
// execution's name after 90 days.
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
// latest. The key names user and mail; the attempt is the request ID of the
// invocation.
func (d *Deliveries) claim(ctx context.Context, key, attempt string, deadline time.Time) (delivery, error) {
	_, err := d.API.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &d.Table,
		Item: map[string]types.AttributeValue{
			"delivery": text(key),
			"attempt":  text(attempt),
			"deadline": &types.AttributeValueMemberN{Value: strconv.FormatInt(deadline.UnixMilli(), 10)},
		},
		ConditionExpression:                 aws.String("attribute_not_exists(delivery)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if taken, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return d.existing(taken.Item, attempt), nil
	}
	if err != nil {
		// The claim may stand all the same, after a time-out or a 500
		// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html).
		// Nothing is sent under it, so it must not stand in the way of the retry.
		d.release(ctx, key, attempt) //nolint:errcheck // if this fails too, it does, and the mail is skipped
		return delivery{}, awserr.Classify(claimDelivery, err)
	}
	return delivery{ours: true}, nil
}

func (d *Deliveries) existing(item map[string]types.AttributeValue, attempt string) delivery {
	if id := stringOf(item["messageId"]); id != "" {
		return delivery{messageID: id}
	}
	if attempt != "" && stringOf(item["attempt"]) == attempt {
		return delivery{ours: true} // the answer to our own claim was lost, and the SDK repeated it
	}
	return delivery{running: d.Now().UnixMilli() < numberOf(item["deadline"])}
}

// confirm notes that the mail was sent.
func (d *Deliveries) confirm(ctx context.Context, key, messageID string) error {
	_, err := d.API.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &d.Table,
		Key:                       map[string]types.AttributeValue{"delivery": text(key)},
		UpdateExpression:          aws.String("SET messageId = :id"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":id": text(messageID)},
	})
	return awserr.Classify(confirmDelivery, err)
}

// release gives the attempt's claim up, so that a retry may send the mail.
func (d *Deliveries) release(ctx context.Context, key, attempt string) error {
	_, err := d.API.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:                 &d.Table,
		Key:                       map[string]types.AttributeValue{"delivery": text(key)},
		ConditionExpression:       aws.String("attempt = :mine"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":mine": text(attempt)},
	})
	return awserr.Classify(releaseDelivery, err)
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

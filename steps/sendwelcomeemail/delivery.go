package main

import (
	"cmp"
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
// releases the claim when SES has refused the mail, or was not reached. A claim that
// an attempt left behind, because it crashed or SES's answer was lost, stands until
// SES tells what became of the mail, which the function MailReceipt notes, or until
// it should have told.
type Deliveries struct {
	API   DeliveryAPI
	Table string
	// Patience is how long after the end of an attempt, of which nothing is known, SES
	// must have told that it took the mail; then another attempt sends it. SES tells
	// it within seconds as a rule, and promises no time. It is a tenth as long for an
	// attempt at which SES said that it failed: most likely it took no mail.
	Patience time.Duration
	Now      func() time.Time
}

// delivery is what is known of one mail.
type delivery struct {
	// ours says that this attempt has the claim, and may send.
	ours bool
	// mailing is the first attempt to send the mail: see record.Record.
	mailing string
	// again says that an attempt before may have sent the mail, and that SES has told
	// nothing of it.
	again bool
	// messageID is the mail's, if it was sent.
	messageID string
	// undecided says that another attempt may have sent the mail, and that SES has still
	// time to tell.
	undecided bool
	// running says that an attempt from before there were receipts may still be
	// running.
	running bool
}

// claim claims the delivery for the attempt, which ends at the deadline at the
// latest. The attempt is the request ID of the invocation.
func (d *Deliveries) claim(ctx context.Context, user, attempt string, deadline time.Time) (delivery, error) {
	now := d.Now()
	if deadline.Before(now) { // outside Lambda there is none
		deadline = now
	}
	before, err := d.update(ctx, user, &dynamodb.UpdateItemInput{
		UpdateExpression: aws.String("SET attempt = :attempt, deadline = :deadline, receiptBy = :receiptBy, mailing = if_not_exists(mailing, :attempt)"),
		ConditionExpression: aws.String(
			"(attribute_not_exists(attempt) OR attempt = :none OR receiptBy <= :now) AND attribute_not_exists(messageId)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":attempt": text(attempt), ":none": text(""), ":now": millis(now),
			":deadline": millis(deadline), ":receiptBy": millis(deadline.Add(d.Patience)),
		},
		ReturnValues:                        types.ReturnValueAllOld,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if taken, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return existing(taken.Item, attempt, now), nil
	}
	if err != nil {
		// The claim may stand all the same, after a time-out or a 500
		// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html).
		// Nothing is sent under it, so it must not stand in the way of the retry.
		d.release(ctx, user, attempt) //nolint:errcheck // if this fails too, it does, for some minutes
		return delivery{}, awserr.Classify(updateRecord, err)
	}
	known := record.Read(before)
	return delivery{ours: true, mailing: cmp.Or(known.Mailing, attempt), again: known.Attempt != ""}, nil
}

// existing is the delivery that another attempt has.
func existing(item map[string]types.AttributeValue, attempt string, now time.Time) delivery {
	known := record.Read(item)
	if known.MessageID != "" {
		return delivery{messageID: known.MessageID}
	}
	if attempt != noRequest && known.Attempt == attempt {
		return delivery{ours: true, mailing: known.Mailing} // the answer to our own claim was lost, and the SDK repeated it
	}
	if known.Mailing != "" {
		return delivery{undecided: true}
	}
	return delivery{running: now.UnixMilli() < numberOf(item["deadline"])}
}

// confirm notes that the mail was sent.
func (d *Deliveries) confirm(ctx context.Context, user, messageID string) error {
	_, err := d.update(ctx, user, &dynamodb.UpdateItemInput{
		UpdateExpression:          aws.String("SET messageId = :id"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":id": text(messageID)},
	})
	return awserr.Classify(updateRecord, err)
}

// release gives the attempt's claim up, so that a retry may send the mail.
func (d *Deliveries) release(ctx context.Context, user, attempt string) error {
	return d.change(ctx, user, attempt, "SET attempt = :value", text(""))
}

// hurry gives the attempt's claim up in a short time, unless SES tells that it took
// the mail.
func (d *Deliveries) hurry(ctx context.Context, user, attempt string) error {
	return d.change(ctx, user, attempt, "SET receiptBy = :value", millis(d.Now().Add(d.Patience/10)))
}

// change changes the attempt's own claim.
func (d *Deliveries) change(ctx context.Context, user, attempt, update string, value types.AttributeValue) error {
	_, err := d.update(ctx, user, &dynamodb.UpdateItemInput{
		UpdateExpression:          &update,
		ConditionExpression:       aws.String("attempt = :mine"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":mine": text(attempt), ":value": value},
	})
	return awserr.Classify(updateRecord, err)
}

func (d *Deliveries) update(ctx context.Context, user string, in *dynamodb.UpdateItemInput) (before map[string]types.AttributeValue, err error) {
	in.TableName, in.Key = &d.Table, record.KeyOf(user)
	out, err := d.API.UpdateItem(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.Attributes, nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func millis(t time.Time) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(t.UnixMilli(), 10)}
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

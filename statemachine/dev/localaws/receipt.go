package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

// receiptWait is how long SES may take to tell what became of a mail.
const receiptWait = 5 * time.Second

// receiptOf waits until the record of the user has what became of the mail, beyond that
// SES took it, and no more comes: a complaint follows the delivery.
func receiptOf(ctx context.Context, aws *local.AWS, sub string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, receiptWait)
	defer cancel()
	records := record.Table{API: dynamodb.NewFromConfig(aws.Config()), Name: aws.PhysicalID("DeliveryTable")}
	var known record.Receipt
	for {
		r, err := records.Get(ctx, sub)
		if err != nil {
			return "", fmt.Errorf("record of the mail: %w", err)
		}
		receipt, told := r.Mail.Fate()
		if told && receipt == known && receipt.Fate != record.Sent {
			return feed.Fate(receipt), nil
		}
		known = receipt
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return "", nil
		}
	}
}

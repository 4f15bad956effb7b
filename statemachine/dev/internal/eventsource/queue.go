// Package eventsource does what Lambda's event source mappings do for SQS: it polls
// a queue, hands the messages to a function, and deletes those that the function
// did not report as failed
// (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
package eventsource

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// pause is how long an empty queue is left alone. Lambda polls without a pause;
// here nobody waits.
const pause = 200 * time.Millisecond

// Queue is the mapping of a queue to a function.
type Queue struct {
	Messages  *sqs.Client
	Functions *lambda.Client
	// URL and ARN are the queue's.
	URL, ARN string
	// Function is the name or the ARN.
	Function  string
	BatchSize int32
	// FunctionARN is for those who ask what is mapped: see Mappings.
	FunctionARN string
	// RetryAfter is when a message that failed comes again; 0 for when the
	// queue's own visibility timeout has passed.
	RetryAfter time.Duration
	// Report is told what goes wrong with the services.
	Report func(error)

	uuid     string // set by Mappings
	disabled atomic.Bool
}

// Poll polls until ctx ends. What goes wrong is tried again.
func (q *Queue) Poll(ctx context.Context) {
	for ctx.Err() == nil {
		n := 0
		if !q.disabled.Load() {
			var err error
			if n, err = q.once(ctx); err != nil && ctx.Err() == nil {
				q.Report(err)
			}
		}
		if n == 0 {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
		}
	}
}

// once handles one batch, and returns its size.
func (q *Queue) once(ctx context.Context) (int, error) {
	out, err := q.Messages.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.URL, MaxNumberOfMessages: q.BatchSize,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return 0, fmt.Errorf("receive messages: %w", err)
	}
	if len(out.Messages) == 0 {
		return 0, nil
	}
	failed, err := q.invoke(ctx, out.Messages)
	if err != nil {
		return 0, err
	}
	for _, m := range out.Messages {
		if err := q.settle(ctx, m, failed[*m.MessageId]); err != nil {
			return 0, err
		}
	}
	return len(out.Messages), nil
}

// invoke hands the messages to the function, and returns the IDs of those that
// failed: all, if the function failed as a whole.
func (q *Queue) invoke(ctx context.Context, messages []types.Message) (map[string]bool, error) {
	payload, err := json.Marshal(q.event(messages))
	if err != nil {
		return nil, fmt.Errorf("marshal event: %w", err)
	}
	failed := make(map[string]bool)
	out, err := q.Functions.Invoke(ctx, &lambda.InvokeInput{FunctionName: &q.Function, Payload: payload})
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", q.Function, err)
	}
	var response events.SQSEventResponse
	if out.FunctionError != nil || json.Unmarshal(out.Payload, &response) != nil {
		for _, m := range messages {
			failed[*m.MessageId] = true
		}
	}
	for _, f := range response.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	return failed, nil
}

func (q *Queue) event(messages []types.Message) events.SQSEvent {
	var event events.SQSEvent
	for _, m := range messages {
		event.Records = append(event.Records, events.SQSMessage{
			MessageId: *m.MessageId, ReceiptHandle: *m.ReceiptHandle, Body: aws.ToString(m.Body),
			Md5OfBody: aws.ToString(m.MD5OfBody), Attributes: m.Attributes,
			EventSource: "aws:sqs", EventSourceARN: q.ARN,
		})
	}
	return event
}

// settle deletes a message, or has one that failed come again.
func (q *Queue) settle(ctx context.Context, m types.Message, failed bool) error {
	var err error
	switch {
	case !failed:
		_, err = q.Messages.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.URL, ReceiptHandle: m.ReceiptHandle})
	case q.RetryAfter > 0:
		_, err = q.Messages.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: &q.URL, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: int32(q.RetryAfter.Seconds()),
		})
	}
	if err != nil {
		return fmt.Errorf("settle message: %w", err)
	}
	return nil
}

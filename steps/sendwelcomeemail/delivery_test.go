package main

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/steptest"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

// table is a DynamoDB with one table, which knows the conditions that the step uses.
type table map[string]map[string]types.AttributeValue

func (t table) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	key := stringOf(in.Item["delivery"])
	if old, exists := t[key]; exists {
		return nil, &types.ConditionalCheckFailedException{Item: old}
	}
	t[key] = in.Item
	return &dynamodb.PutItemOutput{}, nil
}

func (t table) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	t[stringOf(in.Key["delivery"])]["messageId"] = in.ExpressionAttributeValues[":id"]
	return &dynamodb.UpdateItemOutput{}, nil
}

func (t table) DeleteItem(_ context.Context, in *dynamodb.DeleteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	key := stringOf(in.Key["delivery"])
	if !reflect.DeepEqual(t[key]["attempt"], in.ExpressionAttributeValues[":mine"]) {
		return nil, &types.ConditionalCheckFailedException{}
	}
	delete(t, key)
	return &dynamodb.DeleteItemOutput{}, nil
}

const (
	execution = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"
	key       = execution + "/welcome"
)

// now is the time of every test.
var now = time.UnixMilli(1700000000000)

// attempt hands the task to the step as the invocation with that request ID, which
// may run until the deadline.
func attempt(t *testing.T, deliveries table, requestID string, deadline time.Time, mails sendFunc) (Result, error) {
	t.Helper()
	ctx := lambdacontext.NewContext(deadlineOnly{t.Context(), deadline}, &lambdacontext.LambdaContext{AwsRequestID: requestID})
	return newStep(t, jane(), mails, deliveries).Handle(ctx, steptest.Task(t))
}

// deadlineOnly is a context that has a deadline and does not end by it.
type deadlineOnly struct {
	context.Context //nolint:containedctx // it is one

	deadline time.Time
}

func (d deadlineOnly) Deadline() (time.Time, bool) { return d.deadline, true }

func sends(count *int) sendFunc {
	return func(context.Context, *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
		*count++
		return &ses.SendEmailOutput{MessageId: aws.String("message-1")}, nil
	}
}

func failsWith(count *int, err error) sendFunc {
	return func(context.Context, *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
		*count++
		return nil, &smithy.OperationError{ServiceID: "SES", OperationName: "SendEmail", Err: err}
	}
}

func TestSecondAttemptFindsTheFirstMail(t *testing.T) {
	deliveries, mails := table{}, 0
	for _, id := range []string{"first", "second", "third"} {
		result, err := attempt(t, deliveries, id, now.Add(30*time.Second), sends(&mails))
		if err != nil {
			t.Fatal(err)
		}
		steptest.CheckJSON(t, result, `{"status":"done","reason":"","messageId":"message-1"}`)
	}
	if mails != 1 {
		t.Errorf("%d mails, want 1", mails)
	}
}

func TestRefusedMailIsSentByTheNextAttempt(t *testing.T) {
	for _, refusal := range []error{
		&smithy.GenericAPIError{Code: "Throttling"}, &smithy.GenericAPIError{Code: "MessageRejected"},
		&smithy.GenericAPIError{Code: "ServiceUnavailable"}, &smithy.GenericAPIError{Code: "InvalidParameterValue"},
	} {
		deliveries, mails := table{}, 0
		if _, err := attempt(t, deliveries, "first", now, failsWith(&mails, refusal)); err == nil {
			t.Errorf("%v: no error", refusal)
		}
		result, err := attempt(t, deliveries, "second", now, sends(&mails))
		if err != nil || result.MessageID != "message-1" || mails != 2 {
			t.Errorf("%v: second attempt %+v, error %v, after %d calls", refusal, result, err, mails)
		}
	}
}

func TestMailWithoutAnAnswerIsNotSentAgain(t *testing.T) {
	const unknown = `{"status":"skipped","reason":"delivery unknown","messageId":""}`
	for name, lost := range map[string]error{
		"time-out": context.DeadlineExceeded,
		"reset":    &smithyhttp.RequestSendError{Err: errors.New("connection reset by peer")},
	} {
		t.Run(name, func(t *testing.T) {
			deliveries, mails := table{}, 0
			for _, id := range []string{"first", "second"} {
				result, err := attempt(t, deliveries, id, now, failsWith(&mails, lost))
				if err != nil {
					t.Fatal(err)
				}
				steptest.CheckJSON(t, result, unknown)
			}
			if mails != 1 {
				t.Errorf("SES was called %d times, want once", mails)
			}
		})
	}
}

func TestCrashedAttemptIsWaitedForAndThenUnknown(t *testing.T) {
	claimed := map[string]types.AttributeValue{
		"delivery": text(key), "attempt": text("crashed"), "deadline": &types.AttributeValueMemberN{Value: "1700000000000"},
	}
	for _, test := range []struct {
		name string
		now  time.Time
		want string
	}{
		{"while it may be running", now.Add(-time.Millisecond), "TransientError"},
		{"when it cannot be running any more", now, "delivery unknown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			mails := 0
			step := newStep(t, jane(), sends(&mails), table{key: maps.Clone(claimed)})
			step.Deliveries.Now = func() time.Time { return test.now }
			result, err := step.deliver(t.Context(), execution, "jane.doe@example.com", welcome.Message{})
			got := string(result.Reason)
			if err != nil {
				got = reflect.TypeOf(err).Elem().Name()
			}
			if got != test.want || mails != 0 {
				t.Errorf("got %s with %d mails, want %s with none", got, mails, test.want)
			}
		})
	}
}

func TestClaimWhoseAnswerWasLostIsOurs(t *testing.T) {
	deliveries := Deliveries{API: table{}, Now: func() time.Time { return now }}
	for range 2 { // the second is the SDK's repetition of the first
		d, err := deliveries.claim(t.Context(), key, "first", now.Add(time.Second))
		if err != nil || !d.ours {
			t.Errorf("claim %+v, error %v; want ours", d, err)
		}
	}
}

// broken is a DynamoDB that refuses one kind of call.
type broken struct {
	table

	action string
}

var errThrottled = &smithy.GenericAPIError{Code: "ThrottlingException"}

func (b broken) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if b.action == "PutItem" {
		return nil, errThrottled
	}
	out, err := b.table.PutItem(ctx, in)
	switch b.action {
	case "answer of PutItem":
		return nil, &smithyhttp.RequestSendError{Err: errors.New("connection reset by peer")}
	case "500 of PutItem":
		return nil, &types.InternalServerError{}
	}
	return out, err
}

func (b broken) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if b.action == "UpdateItem" {
		return nil, errThrottled
	}
	return b.table.UpdateItem(ctx, in)
}

func TestWithoutAClaimNothingIsSent(t *testing.T) {
	mails := 0
	step := newStep(t, jane(), sends(&mails), nil)
	step.Deliveries.API = broken{table{}, "PutItem"}
	_, err := step.deliver(t.Context(), execution, "jane.doe@example.com", welcome.Message{})
	checkError(t, err, "DynamoDB PutItem", reflect.TypeFor[*statemachine.ThrottledError]())
	if mails != 0 {
		t.Errorf("%d mails", mails)
	}
}

func TestFailedClaimThatStandsIsReleased(t *testing.T) {
	for _, action := range []string{"answer of PutItem", "500 of PutItem"} {
		t.Run(action, func(t *testing.T) {
			deliveries, mails := table{}, 0
			step := newStep(t, jane(), sends(&mails), nil)
			step.Deliveries.API = broken{deliveries, action}
			_, err := step.deliver(t.Context(), execution, "jane.doe@example.com", welcome.Message{})
			checkError(t, err, "DynamoDB PutItem", reflect.TypeFor[*statemachine.TransientError]())
			if result, err := attempt(t, deliveries, "second", now, sends(&mails)); err != nil || result.MessageID != "message-1" || mails != 1 {
				t.Errorf("second attempt %+v, error %v, after %d mails; want the one mail", result, err, mails)
			}
		})
	}
}

func TestSentMailThatCannotBeConfirmedIsDone(t *testing.T) {
	deliveries, mails := table{}, 0
	step := newStep(t, jane(), sends(&mails), deliveries)
	step.Deliveries.API = broken{deliveries, "UpdateItem"}
	for range 2 {
		if _, err := step.deliver(t.Context(), execution, "jane.doe@example.com", welcome.Message{}); err != nil {
			t.Fatal(err)
		}
	}
	if mails != 1 {
		t.Errorf("%d mails, want 1", mails)
	}
}

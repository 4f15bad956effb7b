package main

import (
	"context"
	"errors"
	"reflect"
	"strings"
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
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/steps/internal/steptest"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

const user = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"

// now is the time of every test.
var now = time.UnixMilli(1700000000000)

// attempt hands the task to the step as the invocation with that request ID, which
// may run until the deadline.
func attempt(t *testing.T, deliveries DeliveryAPI, requestID string, deadline time.Time, mails sendFunc) (Result, error) {
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
	deliveries, mails := emptyTable(t), 0
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
		deliveries, mails := emptyTable(t), 0
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
			deliveries, mails := emptyTable(t), 0
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
			step := newStep(t, jane(), sends(&mails), emptyTable(t))
			if _, err := step.Deliveries.claim(t.Context(), user, "crashed", now); err != nil {
				t.Fatal(err)
			}
			step.Deliveries.Now = func() time.Time { return test.now }
			result, err := step.deliver(t.Context(), user, "jane.doe@example.com", welcome.Message{})
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
	deliveries := emptyRecord(t)
	for range 2 { // the second is the SDK's repetition of the first
		d, err := deliveries.claim(t.Context(), user, "first", now.Add(time.Second))
		if err != nil || !d.ours {
			t.Errorf("claim %+v, error %v; want ours", d, err)
		}
	}
}

// broken is a DynamoDB that fails at one kind of update.
type broken struct {
	DeliveryAPI

	// update begins like the expression of the updates that fail.
	update string
	// before is the error of those that have no effect, after that of those that have.
	before, after error
}

func (b broken) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	breaks := strings.HasPrefix(*in.UpdateExpression, b.update)
	if breaks && b.before != nil {
		return nil, b.before
	}
	out, err := b.DeliveryAPI.UpdateItem(ctx, in, options...)
	if breaks {
		return nil, b.after
	}
	return out, err
}

const (
	toClaim   = "SET attempt"
	toConfirm = "SET messageId"
)

var errThrottled = &smithy.GenericAPIError{Code: "ThrottlingException"}

func TestWithoutAClaimNothingIsSent(t *testing.T) {
	mails := 0
	step := newStep(t, jane(), sends(&mails), broken{emptyTable(t), toClaim, errThrottled, nil})
	_, err := step.deliver(t.Context(), user, "jane.doe@example.com", welcome.Message{})
	checkError(t, err, "DynamoDB UpdateItem", reflect.TypeFor[*statemachine.ThrottledError]())
	if mails != 0 {
		t.Errorf("%d mails", mails)
	}
}

func TestFailedClaimThatStandsIsReleased(t *testing.T) {
	for name, failure := range map[string]error{
		"answer lost": &smithyhttp.RequestSendError{Err: errors.New("connection reset by peer")},
		"500":         &types.InternalServerError{},
	} {
		t.Run(name, func(t *testing.T) {
			deliveries, mails := emptyTable(t), 0
			step := newStep(t, jane(), sends(&mails), broken{deliveries, toClaim, nil, failure})
			_, err := step.deliver(t.Context(), user, "jane.doe@example.com", welcome.Message{})
			checkError(t, err, "DynamoDB UpdateItem", reflect.TypeFor[*statemachine.TransientError]())
			if result, err := attempt(t, deliveries, "second", now, sends(&mails)); err != nil || result.MessageID != "message-1" || mails != 1 {
				t.Errorf("second attempt %+v, error %v, after %d mails; want the one mail", result, err, mails)
			}
		})
	}
}

func TestSentMailThatCannotBeConfirmedIsDone(t *testing.T) {
	mails := 0
	step := newStep(t, jane(), sends(&mails), broken{emptyTable(t), toConfirm, errThrottled, nil})
	for range 2 {
		if _, err := step.deliver(t.Context(), user, "jane.doe@example.com", welcome.Message{}); err != nil {
			t.Fatal(err)
		}
	}
	if mails != 1 {
		t.Errorf("%d mails, want 1", mails)
	}
}

// Items of the time when the table held mails only have no more members than these.
func TestMailOfAnEarlierStackCounts(t *testing.T) {
	for name, test := range map[string]struct {
		item map[string]types.AttributeValue
		want string
	}{
		"sent":    {map[string]types.AttributeValue{"attempt": text("old"), "messageId": text("message-0")}, `{"status":"done","reason":"","messageId":"message-0"}`},
		"unknown": {map[string]types.AttributeValue{"attempt": text("old")}, `{"status":"skipped","reason":"delivery unknown","messageId":""}`},
	} {
		t.Run(name, func(t *testing.T) {
			deliveries, mails := emptyTable(t), 0
			test.item[record.KeyName] = text(user + "/welcome")
			if _, err := deliveries.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("records"), Item: test.item}); err != nil {
				t.Fatal(err)
			}
			result, err := attempt(t, deliveries, "new", now, sends(&mails))
			if err != nil || mails != 0 {
				t.Errorf("%d mails, error %v; want neither", mails, err)
			}
			steptest.CheckJSON(t, result, test.want)
		})
	}
}

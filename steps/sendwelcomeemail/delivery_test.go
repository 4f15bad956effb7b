package main

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/truora/minidyn/aws-v2/client"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/steps/internal/steptest"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

const user = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"

// now is the time of every test.
var now = time.UnixMilli(1700000000000)

// deliver has the step mail a user.
func deliver(t *testing.T, step *SendWelcomeEmail, sub string) (Result, error) {
	t.Helper()
	task := steptest.Task(t)
	task.State.Sub = sub
	return step.deliver(t.Context(), task, "jane.doe@example.com", welcome.Message{})
}

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
		&smithy.GenericAPIError{Code: "RequestTimeout"}, &smithy.GenericAPIError{Code: "InvalidParameterValue"},
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

// answers that leave open whether SES took the mail, and how long it has to tell.
var undecidedAnswers = map[string]struct {
	err  error
	wait time.Duration
}{
	"time-out":       {context.DeadlineExceeded, 10 * time.Minute},
	"reset":          {&smithyhttp.RequestSendError{Err: errors.New("connection reset by peer")}, 10 * time.Minute},
	"5xx":            {serverError("ServiceUnavailable"), time.Minute},
	"5xx, no reason": {serverError("UnknownError"), 10 * time.Minute},
}

// serverError is an answer of a service that failed.
func serverError(code string) error {
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusServiceUnavailable}},
		Err:      &smithy.GenericAPIError{Code: code},
	}}
}

func checkUndecided(t *testing.T, result Result, err error) {
	t.Helper()
	if got, want := reflect.TypeOf(err), reflect.TypeFor[*statemachine.UndecidedError](); got != want {
		t.Errorf("got %v (%+v), want a %v", err, result, want)
	}
}

func TestMailWithoutAnAnswerIsSentAgainIfNoReceiptComes(t *testing.T) {
	for name, lost := range undecidedAnswers {
		t.Run(name, func(t *testing.T) {
			db, mails := emptyTable(t), 0
			result, err := attempt(t, db, "first", now, failsWith(&mails, lost.err))
			checkUndecided(t, result, err)
			step := newStep(t, jane(), sends(&mails), db)
			step.Deliveries.Now = func() time.Time { return now.Add(lost.wait - time.Millisecond) }
			result, err = deliver(t, step, user)
			checkUndecided(t, result, err)
			if mails != 1 {
				t.Fatalf("SES was called %d times in the time that it has, want once", mails)
			}
			step.Deliveries.Now = func() time.Time { return now.Add(lost.wait) }
			if result, err = deliver(t, step, user); err != nil || result.MessageID != "message-1" || mails != 2 {
				t.Errorf("then: %+v, error %v, after %d calls; want the mail sent", result, err, mails)
			}
		})
	}
}

func TestReceiptDecides(t *testing.T) {
	for name, lost := range undecidedAnswers {
		t.Run(name, func(t *testing.T) {
			db, mails := emptyTable(t), 0
			result, err := attempt(t, db, "first", now, failsWith(&mails, lost.err))
			checkUndecided(t, result, err)
			receive(t, db, "first")
			for _, late := range []time.Duration{0, time.Hour} {
				step := newStep(t, jane(), sends(&mails), db)
				step.Deliveries.Now = func() time.Time { return now.Add(late) }
				if result, err = deliver(t, step, user); err != nil || result.MessageID != "message-0" || mails != 1 {
					t.Errorf("%+v, error %v, after %d calls; want the mail of the receipt", result, err, mails)
				}
			}
		})
	}
}

// receive notes that SES took the mail of a mailing.
func receive(t *testing.T, db *client.Client, mailing string) {
	t.Helper()
	noted, err := record.Table{API: db, Name: "records"}.Note(t.Context(), user, mailing,
		record.Receipt{Fate: record.Sent, Message: "message-0", MailedAt: now, At: now})
	if err != nil || noted != record.First {
		t.Fatalf("the receipt is %s, error %v", noted, err)
	}
}

// An attempt that is made because nobody knows of the former one is of the same mailing,
// so that a late receipt of either decides.
func TestLateReceiptOfAFormerAttemptDecides(t *testing.T) {
	db, mails := emptyTable(t), 0
	result, err := attempt(t, db, "first", now, failsWith(&mails, context.DeadlineExceeded))
	checkUndecided(t, result, err)
	var tagged []sestypes.MessageTag
	step := newStep(t, jane(), func(_ context.Context, in *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
		tagged = in.Tags
		return nil, &smithy.GenericAPIError{Code: "Throttling"}
	}, db)
	step.Deliveries.Now = func() time.Time { return now.Add(10 * time.Minute) }
	_, err = deliver(t, step, user)
	checkError(t, err, "SES SendEmail", reflect.TypeFor[*statemachine.ThrottledError]())
	if got := aws.ToString(tagged[len(tagged)-1].Value); got != "first" {
		t.Errorf("the second attempt is of the mailing %s, want that of the first", got)
	}
	receive(t, db, "first")
	if result, err = deliver(t, newStep(t, jane(), sends(&mails), db), user); err != nil || result.MessageID != "message-0" || mails != 1 {
		t.Errorf("%+v, error %v, after %d calls; want the mail of the receipt", result, err, mails)
	}
}

func TestCrashedAttemptIsUndecidedUntilItsReceiptShouldHaveCome(t *testing.T) {
	deadline := now.Add(30 * time.Second)
	for _, test := range []struct {
		name  string
		now   time.Time
		mails int
	}{
		{"while it may be running", now, 0},
		{"when its receipt may come", deadline.Add(10*time.Minute - time.Millisecond), 0},
		{"after that", deadline.Add(10 * time.Minute), 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			mails := 0
			step := newStep(t, jane(), sends(&mails), emptyTable(t))
			if _, err := step.Deliveries.claim(t.Context(), user, "crashed", deadline); err != nil {
				t.Fatal(err)
			}
			step.Deliveries.Now = func() time.Time { return test.now }
			result, err := deliver(t, step, user)
			if test.mails == 0 {
				checkUndecided(t, result, err)
			}
			if mails != test.mails {
				t.Errorf("%d mails, want %d (%+v, error %v)", mails, test.mails, result, err)
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
	_, err := deliver(t, step, user)
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
			_, err := deliver(t, step, user)
			checkError(t, err, "DynamoDB UpdateItem", reflect.TypeFor[*statemachine.TransientError]())
			if result, err := attempt(t, deliveries, "second", now, sends(&mails)); err != nil || result.MessageID != "message-1" || mails != 1 {
				t.Errorf("second attempt %+v, error %v, after %d mails; want the one mail", result, err, mails)
			}
		})
	}
}

func TestSentMailThatCannotBeConfirmedIsDone(t *testing.T) {
	mails := 0
	db := emptyTable(t)
	step := newStep(t, jane(), sends(&mails), broken{db, toConfirm, errThrottled, nil})
	if result, err := deliver(t, step, user); err != nil || result.MessageID != "message-1" {
		t.Errorf("%+v, error %v; want it sent", result, err)
	}
	result, err := deliver(t, step, user)
	checkUndecided(t, result, err)
	receive(t, db, noRequest)
	if result, err = deliver(t, step, user); err != nil || result.MessageID != "message-0" {
		t.Errorf("after the receipt: %+v, error %v", result, err)
	}
	if mails != 1 {
		t.Errorf("%d mails, want 1", mails)
	}
}

// Items of the time before receipts have no more members than these. Of such an attempt
// SES tells nothing: while it may be running it is waited for, with the error that the
// definitions of that time know.
func TestMailFromBeforeReceiptsCounts(t *testing.T) {
	for name, test := range map[string]struct {
		item map[string]types.AttributeValue
		want string
	}{
		"sent":    {map[string]types.AttributeValue{"attempt": text("old"), "messageId": text("message-0")}, `{"status":"done","reason":"","messageId":"message-0"}`},
		"unknown": {map[string]types.AttributeValue{"attempt": text("old"), "deadline": millis(now)}, `{"status":"skipped","reason":"delivery unknown","messageId":""}`},
		"running": {map[string]types.AttributeValue{"attempt": text("old"), "deadline": millis(now.Add(time.Millisecond))}, "TransientError"},
	} {
		t.Run(name, func(t *testing.T) {
			deliveries, mails := emptyTable(t), 0
			test.item[record.KeyName] = text(user + "/welcome")
			if _, err := deliveries.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("records"), Item: test.item}); err != nil {
				t.Fatal(err)
			}
			result, err := attempt(t, deliveries, "new", now, sends(&mails))
			if err != nil && reflect.TypeOf(err).Elem().Name() != test.want || mails != 0 {
				t.Errorf("%d mails, error %v; want %s", mails, err, test.want)
			}
			if err == nil {
				steptest.CheckJSON(t, result, test.want)
			}
		})
	}
}

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/steps/internal/awserr"
	"example.com/onboarding/steps/internal/locale"
	"example.com/onboarding/steps/internal/userpool"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

const sendEmail = "SES SendEmail"

// The reasons for sending no mail, besides userpool.ReasonUserNotFound.
const (
	reasonNoAddress       statemachine.Reason = "no mail address"
	reasonUnverified      statemachine.Reason = "mail address not verified"
	reasonAddressRejected statemachine.Reason = "mail address rejected as malformed"
	// reasonDeliveryUnknown: an attempt may have sent the mail, from before there
	// were receipts, so it is not sent again.
	reasonDeliveryUnknown statemachine.Reason = "delivery unknown"
)

// Result is the result of SendWelcomeEmail.
type Result struct {
	statemachine.Outcome

	// MessageID is the ID that SES gave the mail; empty when none was sent.
	MessageID string `json:"messageId"`
}

// MailSender is the part of SES's API that the step needs.
type MailSender interface {
	SendEmail(context.Context, *ses.SendEmailInput, ...func(*ses.Options)) (*ses.SendEmailOutput, error)
}

// SendWelcomeEmail sends the welcome mail through SES.
type SendWelcomeEmail struct {
	Users      userpool.API
	Mails      MailSender
	Deliveries Deliveries
	// Sender is the From header: see Sender.
	Sender string
	// ReplyTo is where answers go; empty for the sender: see ReplyTo.
	ReplyTo []string
	// ConfigurationSet is the one by which SES tells what becomes of the mail.
	ConfigurationSet string
	App              welcome.App
	Mail             *welcome.Mail
	Log              *slog.Logger
	Metrics          metrics.Stack
}

// Sender returns the From header for an address and the name to show with it,
// encoded for mail where it is not ASCII. It refuses what is not an address, so
// that an address that SES calls malformed is the recipient's.
func Sender(name, address string) (string, error) {
	if isMalformed(address) {
		return "", fmt.Errorf("%q is not a plain ASCII mail address", address)
	}
	return (&mail.Address{Name: name, Address: address}).String(), nil
}

// ReplyTo returns the addresses that answers go to: none, or this one. It refuses what
// Sender refuses.
func ReplyTo(address string) ([]string, error) {
	if address == "" {
		return nil, nil
	}
	if isMalformed(address) {
		return nil, fmt.Errorf("%q is not a plain ASCII mail address", address)
	}
	return []string{address}, nil
}

// Handle mails the user, once, if the pool has a verified address. A user without
// one, one deleted meanwhile, and an address that SES refuses as malformed are
// skipped. A mail of which nobody can tell yet whether it was sent is an
// UndecidedError: see Deliveries.
func (s *SendWelcomeEmail) Handle(ctx context.Context, task statemachine.Task) (Result, error) {
	attributes, found, err := userpool.Attributes(ctx, s.Users, task)
	switch {
	case err != nil:
		return Result{}, err
	case !found:
		return skippedUntil(statemachine.UntilFound, userpool.ReasonUserNotFound)
	case attributes["email"] == "":
		return skippedUntil(statemachine.UntilVerified, reasonNoAddress)
	case attributes["email_verified"] != "true":
		return skippedUntil(statemachine.UntilVerified, reasonUnverified)
	}
	language := s.Mail.Locale(locale.OfUser(attributes, task.State.Metadata)...)
	message, err := s.Mail.Render(language, s.App, welcome.Greeting(language, attributes))
	if err != nil {
		// The templates and the app's name are the deployment's, and the
		// error's text might quote the greeting.
		return Result{}, awserr.Unexpected.New("welcome mail", "template", "cannot be rendered")
	}
	return s.deliver(ctx, task, forSES(attributes["email"]), message)
}

// deliver sends the message unless the record says that it was, or may have been,
// sent before.
func (s *SendWelcomeEmail) deliver(ctx context.Context, task statemachine.Task, address string, message welcome.Message) (Result, error) {
	user, attempt := task.State.UserKey(), requestID(ctx)
	deadline, _ := ctx.Deadline()
	before, err := s.Deliveries.claim(ctx, user, attempt, deadline)
	switch {
	case err != nil:
		return Result{}, err
	case before.messageID != "":
		return Result{Outcome: statemachine.Done(), MessageID: before.messageID}, nil
	case before.undecided:
		return Result{}, undecided()
	case before.running:
		return Result{}, awserr.Transient.New(sendEmail, "claimed", "another attempt may still be sending this mail")
	case !before.ours:
		return skipped(reasonDeliveryUnknown)
	}
	if before.again {
		s.Log.With("execution", task.ExecutionName).
			LogAttrs(ctx, slog.LevelWarn, "mail sent again", s.Metrics.Count(metrics.MailsSentAgain)...)
	}
	id, err := s.send(ctx, address, message, tags(task, before.mailing))
	if err != nil {
		return s.failed(ctx, user, attempt, address, err)
	}
	if err := s.Deliveries.confirm(ctx, user, id); err != nil {
		// The mail is sent. Whoever comes after this attempt finds its claim, and
		// waits for the receipt.
		s.Log.WarnContext(ctx, "delivery not confirmed", "user", user, "error", err.Error())
	}
	return Result{Outcome: statemachine.Done(), MessageID: id}, nil
}

func (s *SendWelcomeEmail) send(ctx context.Context, address string, message welcome.Message, tags []sestypes.MessageTag) (messageID string, err error) {
	out, err := s.Mails.SendEmail(ctx, &ses.SendEmailInput{
		ConfigurationSetName: &s.ConfigurationSet, Tags: tags,
		Source: aws.String(s.Sender), ReplyToAddresses: s.ReplyTo,
		Destination: &sestypes.Destination{ToAddresses: []string{address}},
		Message:     message.ForSES(),
	})
	if err != nil {
		return "", fmt.Errorf("send mail: %w", err)
	}
	return aws.ToString(out.MessageId), nil
}

// tags are what SES tells with each receipt: whose record to note it in. SES takes ASCII
// letters, digits, underscores and dashes
// (https://docs.aws.amazon.com/ses/latest/APIReference/API_MessageTag.html), and all of
// these have no more.
func tags(task statemachine.Task, mailing string) []sestypes.MessageTag {
	all := record.Tags{
		User: task.State.UserKey(), UserPoolID: task.State.UserPoolID, Execution: task.ExecutionName, Mailing: mailing,
	}.Pairs()
	made := make([]sestypes.MessageTag, len(all))
	for i := range all {
		made[i] = sestypes.MessageTag{Name: &all[i][0], Value: &all[i][1]}
	}
	return made
}

// failed decides what a failed call to SES means. If SES may have sent the mail
// all the same, the claim stays.
func (s *SendWelcomeEmail) failed(ctx context.Context, user, attempt, address string, err error) (Result, error) {
	switch {
	case awserr.MayHaveHadEffect(err):
		return Result{}, undecided()
	case awserr.Failed(err):
		if err := s.Deliveries.hurry(ctx, user, attempt); err != nil {
			s.Log.WarnContext(ctx, "delivery not hurried", "user", user, "error", err.Error())
		}
		return Result{}, undecided()
	}
	if releaseErr := s.Deliveries.release(ctx, user, attempt); releaseErr != nil {
		s.Log.ErrorContext(ctx, "delivery not released", "user", user, "error", releaseErr.Error())
	}
	if !awserr.IsCode(err, "InvalidParameterValue") {
		return Result{}, awserr.Classify(sendEmail, err)
	}
	if isMalformed(address) {
		return skipped(reasonAddressRejected)
	}
	return Result{}, awserr.Configuration.New(sendEmail, "InvalidParameterValue",
		"SES takes the sender or the mail for malformed; the recipient's address looks right")
}

func undecided() error {
	return awserr.Undecided.New(sendEmail, "no answer", "SES may have sent the mail; its receipt, or the time that it has for that, will tell")
}

// noRequest stands for the ID of an invocation outside Lambda.
const noRequest = "none"

// requestID is the ID of the invocation.
func requestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return noRequest
}

func skipped(why statemachine.Reason) (Result, error) {
	return Result{Outcome: statemachine.Skipped(why)}, nil
}

func skippedUntil(until statemachine.Condition, why statemachine.Reason) (Result, error) {
	return Result{Outcome: statemachine.SkippedUntil(until, why)}, nil
}

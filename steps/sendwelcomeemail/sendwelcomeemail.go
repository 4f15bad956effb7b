package main

import (
	"context"
	"fmt"
	"net/mail"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/awserr"
)

const (
	getUser   = "Cognito AdminGetUser"
	sendEmail = "SES SendEmail"
)

// UserGetter is the part of Cognito's API that the step needs.
type UserGetter interface {
	AdminGetUser(context.Context, *cognito.AdminGetUserInput, ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error)
}

// MailSender is the part of SES's API that the step needs.
type MailSender interface {
	SendEmail(context.Context, *ses.SendEmailInput, ...func(*ses.Options)) (*ses.SendEmailOutput, error)
}

// SendWelcomeEmail sends the welcome mail through SES.
type SendWelcomeEmail struct {
	Users UserGetter
	Mails MailSender
	// Sender is the From header: see Sender.
	Sender string
	App    App
}

// Sender returns the From header for an address and the name to show with it,
// encoded for mail where it is not ASCII. It refuses what is not an address, so
// that an address that SES calls malformed is the recipient's.
func Sender(name, address string) (string, error) {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || !isASCII(address) {
		return "", fmt.Errorf("%q is not a plain ASCII mail address", address)
	}
	return (&mail.Address{Name: name, Address: address}).String(), nil
}

// Handle mails the user, if the pool has a verified address. A user without
// one, one deleted meanwhile and an address that SES refuses as malformed are
// skipped.
//
// A time-out of SES may mean that the mail was sent; Handle returns a
// TransientError for it, and the retry may then send a second one.
func (s *SendWelcomeEmail) Handle(ctx context.Context, task statemachine.Task) (statemachine.EmailResult, error) {
	user, err := s.Users.AdminGetUser(ctx, &cognito.AdminGetUserInput{
		UserPoolId: aws.String(task.State.UserPoolID),
		Username:   aws.String(task.State.Username),
	})
	if awserr.IsCode(err, "UserNotFoundException") {
		return skipped(statemachine.ReasonUserNotFound)
	}
	if err != nil {
		return statemachine.EmailResult{}, awserr.Classify(getUser, err)
	}
	attributes := attributeMap(user.UserAttributes)
	switch {
	case attributes["email"] == "":
		return skipped(statemachine.ReasonNoAddress)
	case attributes["email_verified"] != "true":
		return skipped(statemachine.ReasonUnverified)
	}
	return s.send(ctx, attributes["email"], Greeting(attributes))
}

func (s *SendWelcomeEmail) send(ctx context.Context, address, greeting string) (statemachine.EmailResult, error) {
	message, err := s.App.Welcome(greeting)
	if err != nil {
		// The templates and the app's name are the deployment's, and the
		// error's text might quote the greeting.
		return statemachine.EmailResult{}, awserr.Unexpected.New("welcome mail", "template", "cannot be rendered")
	}
	out, err := s.Mails.SendEmail(ctx, &ses.SendEmailInput{
		Source:      aws.String(s.Sender),
		Destination: &sestypes.Destination{ToAddresses: []string{address}},
		Message: &sestypes.Message{
			Subject: content(message.Subject),
			Body:    &sestypes.Body{Html: content(message.HTML), Text: content(message.Text)},
		},
	})
	if awserr.IsCode(err, "InvalidParameterValue") {
		return skipped(statemachine.ReasonAddressRejected)
	}
	if err != nil {
		return statemachine.EmailResult{}, awserr.Classify(sendEmail, err)
	}
	return statemachine.EmailResult{Outcome: statemachine.Done(), MessageID: aws.ToString(out.MessageId)}, nil
}

func skipped(why statemachine.Reason) (statemachine.EmailResult, error) {
	return statemachine.EmailResult{Outcome: statemachine.Skipped(why)}, nil
}

func attributeMap(list []cognitotypes.AttributeType) map[string]string {
	m := make(map[string]string, len(list))
	for _, a := range list {
		m[aws.ToString(a.Name)] = aws.ToString(a.Value)
	}
	return m
}

func content(s string) *sestypes.Content {
	return &sestypes.Content{Charset: aws.String("UTF-8"), Data: aws.String(s)}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] > 0x7e {
			return false
		}
	}
	return true
}

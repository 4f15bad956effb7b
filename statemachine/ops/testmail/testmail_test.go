package testmail

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudformation "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/smithy-go"
	"golang.org/x/time/rate"

	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

const to = "Me@example.com"

type mailFunc func(*ses.SendEmailInput) (*ses.SendEmailOutput, error)

func (f mailFunc) SendEmail(_ context.Context, in *ses.SendEmailInput, _ ...func(*ses.Options)) (*ses.SendEmailOutput, error) {
	return f(in)
}

func parameters(pairs ...string) []cloudformation.Parameter {
	var all []cloudformation.Parameter
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, cloudformation.Parameter{ParameterKey: &pairs[i], ParameterValue: &pairs[i+1]})
	}
	return all
}

func send(t *testing.T, api mailFunc, p []cloudformation.Parameter, language string) (string, error) {
	t.Helper()
	templates, err := welcome.Load()
	if err != nil {
		t.Fatal(err)
	}
	return newMailer(api, p, to, rate.NewLimiter(rate.Inf, 1)).send(t.Context(), templates, language)
}

func TestMailIsTheStacks(t *testing.T) {
	var sent *ses.SendEmailInput
	api := func(in *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
		sent = in
		return &ses.SendEmailOutput{MessageId: aws.String("message-1")}, nil
	}
	id, err := send(t, api, parameters("SenderEmail", "welcome@example.com", "AppName", "Café", "AppUrl", "https://app.example.com", "ReplyTo", "help@example.com"), "de")
	if err != nil || id != "message-1" {
		t.Fatalf("message %q, error %v", id, err)
	}
	if *sent.Source != "=?utf-8?q?Caf=C3=A9?= <welcome@example.com>" || !slices.Equal(sent.ReplyToAddresses, []string{"help@example.com"}) || !slices.Equal(sent.Destination.ToAddresses, []string{to}) {
		t.Errorf("from %s, answers to %v, to %v", *sent.Source, sent.ReplyToAddresses, sent.Destination.ToAddresses)
	}
	for text, want := range map[string]string{
		*sent.Message.Subject.Data: "Willkommen bei Café", *sent.Message.Body.Text.Data: "Hallo Jane,", *sent.Message.Body.Html.Data: `href="https://app.example.com"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if _, err := send(t, api, parameters("SenderEmail", "welcome@example.com", "AppName", "App", "ReplyTo", ""), "ja"); err != nil || len(sent.ReplyToAddresses) > 0 || !strings.Contains(*sent.Message.Body.Text.Data, "Doe") {
		t.Errorf("answers to %q, error %v, text %s", sent.ReplyToAddresses, err, *sent.Message.Body.Text.Data)
	}
}

func TestRefusalIsExplainedWithoutTheAddress(t *testing.T) {
	for _, test := range []struct{ name, code, text, want string }{
		{"recipient in the sandbox", "MessageRejected", "Email address is not verified. The following identities failed the check in region US-EAST-1: me@example.com", "the account is in the SES sandbox"},
		{"sender", "MessageRejected", "Email address is not verified. The following identities failed the check in region US-EAST-1: welcome@example.com", "the sender is not verified"},
		{"denied", "AccessDenied", "User is not authorized to perform `ses:SendEmail' on resource `identity/Me@example.com'", "AccessDenied, with a text that names the address"},
		{"paused", "AccountSendingPausedException", "Email sending is disabled.", "AccountSendingPausedException: Email sending is disabled."},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := send(t, func(*ses.SendEmailInput) (*ses.SendEmailOutput, error) {
				return nil, &smithy.OperationError{ServiceID: "SES", OperationName: "SendEmail", Err: &smithy.GenericAPIError{Code: test.code, Message: test.text}}
			}, parameters("SenderEmail", "welcome@example.com"), "en")
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(strings.ToLower(err.Error()), "@") {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
	broken := errors.New("no network")
	if _, err := send(t, func(*ses.SendEmailInput) (*ses.SendEmailOutput, error) { return nil, broken }, nil, "en"); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func TestOnlyAPlainAddressIsTaken(t *testing.T) {
	for address, want := range map[string]bool{
		to: true, "me+tag@mail.example.com": true, "": false, "me": false, "Me <me@example.com>": false, "me@example.com, you@example.com": false, "me@example.com\r\nBcc: you@example.com": false,
	} {
		if err := (Command{To: address}).Validate(); (err == nil) != want || err != nil && strings.Contains(err.Error(), "Bcc") {
			t.Errorf("%q: %v, want it taken: %t", address, err, want)
		}
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/mail"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/steps/internal/steptest"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

// getFunc is a Cognito that only knows users.
type getFunc func(context.Context, *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error)

func (f getFunc) AdminGetUser(ctx context.Context, in *cognito.AdminGetUserInput, _ ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error) {
	return f(ctx, in)
}

// sendFunc is an SES that only sends mails.
type sendFunc func(context.Context, *ses.SendEmailInput) (*ses.SendEmailOutput, error)

func (f sendFunc) SendEmail(ctx context.Context, in *ses.SendEmailInput, _ ...func(*ses.Options)) (*ses.SendEmailOutput, error) {
	return f(ctx, in)
}

// has is a Cognito whose only user has the attributes, given as name, value,
// name, value and so on.
func has(pairs ...string) getFunc {
	out := &cognito.AdminGetUserOutput{}
	for i := 0; i < len(pairs); i += 2 {
		out.UserAttributes = append(out.UserAttributes, cognitotypes.AttributeType{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return func(context.Context, *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) {
		return out, nil
	}
}

func jane() getFunc {
	return has("sub", "3f2a7c1e", "email_verified", "true", "email", "jane.doe@example.com", "given_name", "Jane")
}

// fails is an SES or a Cognito that answers with the error.
func fails[I, O any](err error) func(context.Context, *I) (*O, error) {
	return func(context.Context, *I) (*O, error) {
		return nil, &smithy.OperationError{ServiceID: "AWS", OperationName: "Call", Err: err}
	}
}

// handle hands the task in the contract's testdata to the step.
func handle(t *testing.T, users getFunc, mails sendFunc) (Result, error) {
	t.Helper()
	return newStep(t, users, mails, emptyTable(t)).Handle(t.Context(), steptest.Task(t))
}

// welcomeMail is the built-in mail.
func welcomeMail(tb testing.TB) *welcome.Mail {
	tb.Helper()
	mail, err := welcome.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return mail
}

func newStep(t *testing.T, users getFunc, mails sendFunc, deliveries DeliveryAPI) *SendWelcomeEmail {
	t.Helper()
	return &SendWelcomeEmail{
		Users: users, Mails: mails, Sender: `"Our App" <hello@example.com>`, ReplyTo: []string{"help@example.com"}, ConfigurationSet: "onboarding-mail",
		Deliveries: deliveriesIn(deliveries),
		App:        welcome.App{Name: "Our App", URL: "https://app.example.com"},
		Mail:       welcomeMail(t),
		Log:        slog.New(slog.DiscardHandler),
		Metrics:    metrics.Stack{Name: "onboarding", Now: func() time.Time { return now }},
	}
}

// unreachable is an SES that must not be called.
func unreachable(t *testing.T) sendFunc {
	t.Helper()
	return func(_ context.Context, in *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
		t.Errorf("a mail was sent to %v", in.Destination.ToAddresses)
		return &ses.SendEmailOutput{}, nil
	}
}

func TestMailIsSentToTheVerifiedAddress(t *testing.T) {
	var asked []*cognito.AdminGetUserInput
	var sent []*ses.SendEmailInput
	users := func(ctx context.Context, in *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) {
		asked = append(asked, in)
		return jane()(ctx, in)
	}
	mails := func(ctx context.Context, in *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
		if ctx != t.Context() {
			t.Error("the call does not have the context of the step")
		}
		sent = append(sent, in)
		return &ses.SendEmailOutput{MessageId: aws.String("message-1")}, nil
	}
	result, err := handle(t, users, mails)
	if err != nil {
		t.Fatal(err)
	}
	steptest.CheckJSON(t, result, `{"status":"done","reason":"","messageId":"message-1"}`)
	wantAsked := []*cognito.AdminGetUserInput{{
		UserPoolId: aws.String("us-east-1_Example01"),
		Username:   aws.String("3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"),
	}}
	if !reflect.DeepEqual(asked, wantAsked) {
		t.Errorf("Cognito was asked %d times, want once for the user of the task", len(asked))
	}
	message, err := welcomeMail(t).Render("pt-BR", welcome.App{Name: "Our App", URL: "https://app.example.com"}, "Jane")
	if err != nil {
		t.Fatal(err)
	}
	utf8 := func(s string) *sestypes.Content {
		return &sestypes.Content{Charset: aws.String("UTF-8"), Data: aws.String(s)}
	}
	tag := func(name, value string) sestypes.MessageTag {
		return sestypes.MessageTag{Name: &name, Value: &value}
	}
	want := []*ses.SendEmailInput{{
		ConfigurationSetName: aws.String("onboarding-mail"),
		Tags: []sestypes.MessageTag{
			tag("user", user), tag("userPoolId", "us-east-1_Example01"), tag("execution", user), tag("mailing", noRequest),
		},
		Source: aws.String(`"Our App" <hello@example.com>`), ReplyToAddresses: []string{"help@example.com"},
		Destination: &sestypes.Destination{ToAddresses: []string{"jane.doe@example.com"}},
		Message: &sestypes.Message{
			Subject: utf8("Boas-vindas ao Our App"),
			Body:    &sestypes.Body{Html: utf8(message.HTML), Text: utf8(message.Text)},
		},
	}}
	if !reflect.DeepEqual(sent, want) {
		got, _ := json.Marshal(sent)
		wanted, _ := json.Marshal(want)
		t.Errorf("SES was called with\n got %s\nwant %s", got, wanted)
	}
}

func TestHostileNameIsNotInTheMail(t *testing.T) {
	users := has("email", "victim@example.com", "email_verified", "true", "given_name", "Win at casino.example", "name", "http://casino.example")
	_, err := handle(t, users, func(_ context.Context, in *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
		for part, text := range map[string]*string{
			"subject": in.Message.Subject.Data, "HTML": in.Message.Body.Html.Data, "text": in.Message.Body.Text.Data,
		} {
			if strings.Contains(*text, "casino") {
				t.Errorf("the %s advertises:\n%s", part, *text)
			}
		}
		return &ses.SendEmailOutput{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMailIsInTheLanguageOfTheUser(t *testing.T) {
	for _, test := range []struct{ attribute, metadata, subject string }{
		{"", "", "Welcome to Our App"},
		{"de-AT", "", "Willkommen bei Our App"},
		{"", "pt_PT", "Boas-vindas ao Our App"},
		{"fr", "ja", "Bienvenue sur Our App"},
		{"tlh", "ja", "Our Appへようこそ"},
		{"../..", "tlh", "Welcome to Our App"},
	} {
		task := steptest.Task(t)
		task.State.Metadata = map[string]string{"locale": test.metadata}
		users := has("email", "jane.doe@example.com", "email_verified", "true", "locale", test.attribute)
		subject := ""
		mails := func(_ context.Context, in *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
			subject = *in.Message.Subject.Data
			return &ses.SendEmailOutput{}, nil
		}
		if _, err := newStep(t, users, mails, emptyTable(t)).Handle(t.Context(), task); err != nil || subject != test.subject {
			t.Errorf("attribute %q, metadata %q: subject %q (error %v), want %q", test.attribute, test.metadata, subject, err, test.subject)
		}
	}
}

func TestUsersWithoutAVerifiedAddressAreSkipped(t *testing.T) {
	for name, test := range map[string]struct {
		users  getFunc
		reason string
	}{
		"deleted":             {fails[cognito.AdminGetUserInput, cognito.AdminGetUserOutput](&cognitotypes.UserNotFoundException{}), "user not found"},
		"no attributes":       {has(), "no mail address"},
		"no address":          {has("email_verified", "true", "given_name", "Jane"), "no mail address"},
		"empty address":       {has("email", "", "email_verified", "true"), "no mail address"},
		"not verified":        {has("email", "jane.doe@example.com", "email_verified", "false"), "mail address not verified"},
		"nothing on verified": {has("email", "jane.doe@example.com"), "mail address not verified"},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := handle(t, test.users, unreachable(t))
			if err != nil {
				t.Fatalf("got the error %v, want the user skipped", err)
			}
			steptest.CheckJSON(t, result, `{"status":"skipped","reason":"`+test.reason+`","messageId":""}`)
		})
	}
}

func TestMalformedAddressThatSESRefusesIsSkipped(t *testing.T) {
	refuse := fails[ses.SendEmailInput, ses.SendEmailOutput](&smithy.GenericAPIError{Code: "InvalidParameterValue", Message: "Missing final '@domain'"})
	for _, address := range []string{"jane", "jane@localhost", "josé@example.com", "josé@exämple.com", "jane@-exämple.com", "jane doe@example.com", "jane@example..com"} {
		result, err := handle(t, has("email", address, "email_verified", "true"), refuse)
		if err != nil {
			t.Fatalf("%s: got the error %v, want the user skipped", address, err)
		}
		steptest.CheckJSON(t, result, `{"status":"skipped","reason":"mail address rejected as malformed","messageId":""}`)
	}
	// Of an address that looks right SES says so because of the sender, and that
	// would skip every user.
	_, err := handle(t, jane(), refuse)
	checkError(t, err, "SES SendEmail", reflect.TypeFor[*statemachine.ConfigurationError]())
}

// checkError wants an error of the type itself, with the operation and without
// what the service said.
func checkError(t *testing.T, err error, operation string, want reflect.Type) {
	t.Helper()
	if got := reflect.TypeOf(err); got != want {
		t.Fatalf("got a %v (%v), want a %v", got, err, want)
	}
	if !strings.HasPrefix(err.Error(), operation+": ") || strings.Contains(err.Error(), "jane.doe") {
		t.Errorf("text %q: want the operation %s, and nothing of the message", err, operation)
	}
}

func TestErrorsOfCognito(t *testing.T) {
	message := aws.String("jane.doe@example.com is in the way")
	for name, test := range map[string]struct {
		err  error
		want reflect.Type
	}{
		"too many requests":  {&cognitotypes.TooManyRequestsException{Message: message}, reflect.TypeFor[*statemachine.ThrottledError]()},
		"internal error":     {&cognitotypes.InternalErrorException{Message: message}, reflect.TypeFor[*statemachine.TransientError]()},
		"pool missing":       {&cognitotypes.ResourceNotFoundException{Message: message}, reflect.TypeFor[*statemachine.NotReadyError]()},
		"permission missing": {&smithy.GenericAPIError{Code: "AccessDeniedException", Message: *message}, reflect.TypeFor[*statemachine.NotReadyError]()},
		"unknown":            {errors.New(*message), reflect.TypeFor[*statemachine.UnexpectedError]()},
		// Only SES says so of an address.
		"InvalidParameterValue": {&smithy.GenericAPIError{Code: "InvalidParameterValue", Message: *message}, reflect.TypeFor[*statemachine.UnexpectedError]()},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := handle(t, fails[cognito.AdminGetUserInput, cognito.AdminGetUserOutput](test.err), unreachable(t))
			checkError(t, err, "Cognito AdminGetUser", test.want)
		})
	}
}

func TestErrorsOfSES(t *testing.T) {
	message := aws.String("Email address is not verified: jane.doe@example.com")
	for name, test := range map[string]struct {
		err  error
		want reflect.Type
	}{
		"sending rate":            {&smithy.GenericAPIError{Code: "Throttling", Message: "Maximum sending rate exceeded"}, reflect.TypeFor[*statemachine.ThrottledError]()},
		"daily quota":             {&smithy.GenericAPIError{Code: "Throttling", Message: "Daily message quota exceeded"}, reflect.TypeFor[*statemachine.QuotaExceededError]()},
		"too late":                {&smithy.GenericAPIError{Code: "RequestTimeout"}, reflect.TypeFor[*statemachine.TransientError]()},
		"unavailable":             {serverError("ServiceUnavailable"), reflect.TypeFor[*statemachine.UndecidedError]()},
		"not reached":             {&net.OpError{Op: "dial", Err: errors.New("refused")}, reflect.TypeFor[*statemachine.TransientError]()},
		"sender not verified":     {&sestypes.MessageRejected{Message: message}, reflect.TypeFor[*statemachine.ConfigurationError]()},
		"MAIL FROM not verified":  {&sestypes.MailFromDomainNotVerifiedException{Message: message}, reflect.TypeFor[*statemachine.ConfigurationError]()},
		"no configuration set":    {&sestypes.ConfigurationSetDoesNotExistException{Message: message}, reflect.TypeFor[*statemachine.NotReadyError]()},
		"account paused":          {&sestypes.AccountSendingPausedException{Message: message}, reflect.TypeFor[*statemachine.ConfigurationError]()},
		"set paused":              {&sestypes.ConfigurationSetSendingPausedException{Message: message}, reflect.TypeFor[*statemachine.ConfigurationError]()},
		"permission missing":      {&smithy.GenericAPIError{Code: "AccessDenied", Message: *message}, reflect.TypeFor[*statemachine.NotReadyError]()},
		"unknown":                 {errors.New(*message), reflect.TypeFor[*statemachine.UnexpectedError]()},
		"UserNotFound, not of it": {&smithy.GenericAPIError{Code: "UserNotFoundException"}, reflect.TypeFor[*statemachine.UnexpectedError]()},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := handle(t, jane(), fails[ses.SendEmailInput, ses.SendEmailOutput](test.err))
			checkError(t, err, "SES SendEmail", test.want)
		})
	}
}

func TestSender(t *testing.T) {
	const address = "hello@example.com"
	for name, want := range map[string]string{
		"Our App":  `"Our App" <hello@example.com>`,
		"Café":     `=?utf-8?q?Caf=C3=A9?= <hello@example.com>`,
		"Tom, Jr.": `"Tom, Jr." <hello@example.com>`,
		"":         `<hello@example.com>`,
	} {
		if got, err := Sender(name, address); err != nil || got != want {
			t.Errorf("app %q: got %s (error %v), want %s", name, got, err, want)
		}
	}
}

func TestSenderIsOneASCIIHeaderThatGivesTheNameBack(t *testing.T) {
	for _, name := range []string{
		"Our App", "Café Ñandú", "李小龍", `Back\slash`, `The "App"`, "x@example.com>, <y@example.com",
		"Bcc: everybody@example.com", strings.Repeat("é", 64), strings.Repeat("語", 64),
	} {
		header, err := Sender(name, "hello@example.com")
		if err != nil {
			t.Errorf("app %q: %v", name, err)
			continue
		}
		if strings.ContainsAny(header, "\r\n") || !isASCII(header) {
			t.Errorf("app %q: the header %q is not one line of ASCII", name, header)
		}
		got, err := mail.ParseAddress(header)
		if err != nil || got.Name != name || got.Address != "hello@example.com" {
			t.Errorf("app %q: mail clients read %s as %v (error %v)", name, header, got, err)
		}
	}
}

func TestSenderRefusesWhatIsNotAPlainAddress(t *testing.T) {
	for _, address := range []string{
		"", "hello", "hello@", "@example.com", " hello@example.com", "hello@example.com ", "<hello@example.com>",
		"Hello <hello@example.com>", "hello@example.com, you@example.com", "hello@example.com (comment)",
		"hello@example..com", "a b@example.com", `"a b"@example.com`, "hello@example.com\r\nBcc: you@example.com",
		"hello@example.com\n", "josé@example.com", "hello@exämple.com", "hello@example.com\x00", "mailto:hello@example.com",
	} {
		if got, err := Sender("Our App", address); err == nil {
			t.Errorf("address %q is accepted as %s", address, got)
		}
		if got, err := ReplyTo(address); (err == nil) != (address == "") || len(got) > 0 {
			t.Errorf("answers to %q go to %q, error %v", address, got, err)
		}
	}
}

func TestReleasedTasksAreTaken(t *testing.T) {
	mails := func(context.Context, *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
		return &ses.SendEmailOutput{MessageId: aws.String("message-1")}, nil
	}
	steptest.CheckReleased(t, newStep(t, jane(), mails, emptyTable(t)).Handle)
}

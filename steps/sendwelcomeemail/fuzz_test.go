package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/steps/internal/steptest"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

// fuzzedServices are a Cognito with one user and an SES; each answers with its
// failure.
type fuzzedServices struct {
	t                *testing.T
	email, name      string
	noUser, noMail   error
	mails            *int
	withoutAttribute bool
}

func (f fuzzedServices) AdminGetUser(context.Context, *cognito.AdminGetUserInput, ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error) {
	out := &cognito.AdminGetUserOutput{UserAttributes: []types.AttributeType{
		{Name: aws.String("email"), Value: &f.email},
		{Name: aws.String("email_verified"), Value: aws.String("true")},
		{Name: aws.String("name"), Value: &f.name},
	}}
	if f.withoutAttribute {
		out.UserAttributes = []types.AttributeType{{}}
	}
	return out, f.noUser
}

func (f fuzzedServices) SendEmail(_ context.Context, in *ses.SendEmailInput, _ ...func(*ses.Options)) (*ses.SendEmailOutput, error) {
	*f.mails++
	if to := in.Destination.ToAddresses; len(to) != 1 || to[0] != forSES(f.email) {
		f.t.Errorf("mail to %q, the user has %q", to, f.email)
	}
	if subject := *in.Message.Subject.Data; strings.ContainsAny(subject, "\r\n") {
		f.t.Errorf("subject %q", subject)
	}
	return &ses.SendEmailOutput{}, f.noMail
}

// FuzzSendWelcomeEmail hands the step any payload, with any address and name of
// the user, and with any answers of Cognito and SES.
func FuzzSendWelcomeEmail(f *testing.F) {
	for i, payload := range steptest.Seeds() {
		f.Add([]byte(payload), "jane@example.com", "Jane Doe", uint8(0), uint8(i))
		f.Add([]byte(payload), "jane@exämple.com", "山田 太郎", uint8(0), uint8(i))
		f.Add([]byte(payload), "", "http://example.com", uint8(i), uint8(0))
		f.Add([]byte(payload), "", "", uint8(132), uint8(0)) // attributes that are nil
	}
	mail := welcomeMail(f)
	f.Fuzz(func(t *testing.T, payload []byte, email, name string, noUser, noMail uint8) {
		mails := 0
		services := fuzzedServices{
			t: t, email: email, name: name, mails: &mails, withoutAttribute: noUser >= 128,
			noUser: steptest.Failure(noUser), noMail: steptest.Failure(noMail),
		}
		s := &SendWelcomeEmail{
			Users: services, Mails: services, Sender: "welcome@example.com", App: welcome.App{Name: "App", URL: "https://app.example.com"}, Mail: mail,
			Deliveries: deliveriesIn(emptyTable(t)), Log: slog.New(slog.DiscardHandler), Metrics: metrics.Stack{Now: time.Now},
		}
		steptest.CheckInvoke(t, s.Handle, payload)
		if mails > 1 {
			t.Errorf("%d mails", mails)
		}
	})
}

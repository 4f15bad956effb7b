// Package testmail sends the welcome mail in every language to an inbox, to be looked
// at there.
package testmail

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudformation "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"golang.org/x/time/rate"

	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

// Command is the command testmail.
type Command struct {
	Stack string `required:"" placeholder:"NAME" help:"Name of the stack."`
	To    string `required:"" placeholder:"ADDRESS" help:"Mail address of the inbox."`
	JSON  bool   `name:"json" help:"Print one JSON document instead of text."`
}

// Help implements kong's detailed help.
func (Command) Help() string {
	return `The mails have the stack's sender, ReplyTo, AppName and AppUrl, the text of this clone, and greet Jane Doe. They are nobody's: no user, record or execution has to do with them. In the SES sandbox the address has to be verified.`
}

// Validate implements kong's check of the flags. SES takes no address that is not ASCII.
func (c Command) Validate() error {
	parsed, err := mail.ParseAddress(c.To)
	if err != nil || parsed.Address != c.To {
		return errors.New("--to is not a plain mail address such as me@example.com")
	}
	return nil
}

// sample is the user of the mails.
var sample = map[string]string{"name": "Jane Doe", "given_name": "Jane", "family_name": "Doe"}

// pause keeps to one mail a second, which is what the sandbox allows
// (https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html).
const pause = time.Second

// Report is what testmail prints as JSON.
type Report struct {
	Stack string `json:"stack"`
	Mails []Sent `json:"mails"`
}

// Sent is a mail that SES took.
type Sent struct {
	Language  string `json:"language"`
	MessageID string `json:"messageId"`
}

// Run sends the mails.
func (c Command) Run(ctx context.Context, s *session.Session) error {
	described, err := s.Stack(ctx, c.Stack)
	if err != nil {
		return err
	}
	templates, err := welcome.Load()
	if err != nil {
		return fmt.Errorf("load the welcome mail: %w", err)
	}
	m := newMailer(ses.NewFromConfig(s.Config), described.Parameters, c.To, rate.NewLimiter(rate.Every(pause), 1))
	report := Report{Stack: c.Stack, Mails: []Sent{}}
	for _, language := range templates.Locales() {
		id, err := m.send(ctx, templates, language)
		if err != nil {
			return fmt.Errorf("%s: %w", language, err)
		}
		report.Mails = append(report.Mails, Sent{language, id})
		if !c.JSON {
			fmt.Fprintf(s.Stdout, "%-6s sent, messageId %s\n", language, id)
		}
	}
	if c.JSON {
		s.PrintJSON(report)
	}
	return nil
}

type mailAPI interface {
	SendEmail(context.Context, *ses.SendEmailInput, ...func(*ses.Options)) (*ses.SendEmailOutput, error)
}

// mailer sends mails as the stack's step does.
type mailer struct {
	api     mailAPI
	from    string
	replyTo []string
	app     welcome.App
	to      string
	limit   *rate.Limiter
}

func newMailer(api mailAPI, parameters []cloudformation.Parameter, to string, limit *rate.Limiter) mailer {
	values := make(map[string]string)
	for _, p := range parameters {
		values[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	m := mailer{
		api: api, to: to, limit: limit, app: welcome.NewApp(values["AppName"], values["AppUrl"]),
		from: (&mail.Address{Name: values["AppName"], Address: values["SenderEmail"]}).String(),
	}
	if values["ReplyTo"] != "" {
		m.replyTo = []string{values["ReplyTo"]}
	}
	return m
}

func (m mailer) send(ctx context.Context, templates *welcome.Mail, language string) (messageID string, err error) {
	message, err := templates.Render(language, m.app, welcome.Greeting(language, sample))
	if err != nil {
		return "", fmt.Errorf("render the mail: %w", err)
	}
	if err := m.limit.Wait(ctx); err != nil {
		return "", errors.Join(ctx.Err(), err)
	}
	out, err := m.api.SendEmail(ctx, &ses.SendEmailInput{
		Source: &m.from, ReplyToAddresses: m.replyTo, Destination: &types.Destination{ToAddresses: []string{m.to}},
		Message: message.ForSES(),
	})
	if err != nil {
		return "", explain(err, m.to)
	}
	return aws.ToString(out.MessageId), nil
}

package local

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Mail is a mail that was handed to SES.
type Mail struct {
	From, To, ReplyTo, Subject, HTML, Text string
}

// MailOf returns the mail that a call hands to SES, if it does.
func MailOf(c Call) (mail Mail, found bool) {
	if c.Service != "ses" || c.Action != "SendEmail" {
		return Mail{}, false
	}
	form := c.Form()
	return Mail{
		From: form.Get("Source"), To: form.Get("Destination.ToAddresses.member.1"), ReplyTo: form.Get("ReplyToAddresses.member.1"),
		Subject: form.Get("Message.Subject.Data"), HTML: form.Get("Message.Body.Html.Data"), Text: form.Get("Message.Body.Text.Data"),
	}, true
}

// Mails returns the mails to an address that SES accepted.
func (a *AWS) Mails(address string) []Mail {
	var mails []Mail
	for _, c := range a.Calls(func(c Call) bool { return c.Status == http.StatusOK }) {
		if mail, ok := MailOf(c); ok && mail.To == address {
			mails = append(mails, mail)
		}
	}
	return mails
}

// Events returns the UserOnboarded events of a user that reached the analytics
// log group, each as it stands there.
func (a *AWS) Events(ctx context.Context, sub string) ([]string, error) {
	var events []string
	token := ""
	for {
		page, err := a.filterLogEvents(ctx, token)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Events {
			var event struct{ Detail struct{ Sub string } }
			if err := json.Unmarshal([]byte(e.Message), &event); err != nil {
				return nil, fmt.Errorf("decode an analytics event: %w", err)
			}
			if event.Detail.Sub == sub {
				events = append(events, e.Message)
			}
		}
		if token = page.NextToken; token == "" {
			return events, nil
		}
	}
}

type logEvents struct {
	Events    []struct{ Message string }
	NextToken string
}

// filterLogEvents calls CloudWatch Logs without the SDK, because moto gives
// timestamps as fractions, which the SDK for Go does not read.
func (a *AWS) filterLogEvents(ctx context.Context, token string) (logEvents, error) {
	in := map[string]string{"logGroupName": a.Stack.AnalyticsLogGroup}
	if token != "" {
		in["nextToken"] = token
	}
	var page logEvents
	if err := a.call(ctx, "logs", "Logs_20140328.FilterLogEvents", in, &page); err != nil {
		return logEvents{}, fmt.Errorf("read the analytics log group: %w", err)
	}
	return page, nil
}

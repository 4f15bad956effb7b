package local

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	lambdaclient "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"example.com/onboarding/statemachine/dev/internal/async"
	"example.com/onboarding/statemachine/dev/internal/ses"
)

// SentMail is a mail that SES took, for a configuration set.
type SentMail = ses.Mail

// MailEvent is something that happened to a mail, such as its delivery.
type MailEvent = ses.Event

// MailDelivery is the publication of an event to EventBridge.
type MailDelivery = ses.Delivery

// Outcomes decides which events of a mail EventBridge is given, and when: see
// AddOutcomes.
type Outcomes = ses.Outcomes

// AddOutcomes makes f decide about the events of every mail until remove is called.
// Without it each event is published once, at once and in order.
func (a *AWS) AddOutcomes(f Outcomes) (remove func()) { return a.mails.AddOutcomes(f) }

// serveMails makes SES publish what becomes of mails.
func (a *AWS) serveMails() {
	a.mails = ses.Around(a.gateway.Backend)
	a.mails.Sets, a.mails.Bus = sesv2.NewFromConfig(a.backendConfig()), eventbridge.NewFromConfig(a.backendConfig())
	a.mails.Region, a.mails.Account = Region, account
	a.mails.Report = func(err error) { a.addLog("SES", err.Error()) }
}

// serveEvents makes functions take the events that EventBridge gives them.
func (a *AWS) serveEvents() {
	a.later = async.NewInvoker(lambdaclient.NewFromConfig(a.Config()))
	if a.options.FastRetries {
		a.later.RetryAfter = time.Second
	}
	a.later.GaveUp = func(function string, _ []byte, err error) {
		a.addLog(function, fmt.Sprintf("Lambda gave up on an event: %v", err))
	}
	a.gateway.Later = a.later
}

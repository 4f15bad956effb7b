package local_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/dev/local"
)

// mailStack has a configuration set, whose events but for those of rejected mails go to
// a queue and to the trigger, which leaves them alone.
const mailStack = `{"Resources": {
	"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "mail-events"}},
	"Mails": {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": "mails-of-tests"}},
	"Events": {"Type": "AWS::SES::ConfigurationSetEventDestination", "Properties": {
		"ConfigurationSetName": {"Ref": "Mails"},
		"EventDestination": {"Enabled": true, "MatchingEventTypes": ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT"],
			"EventBridgeDestination": {"EventBusArn": {"Fn::Sub": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}}}}},
	"Rule": {"Type": "AWS::Events::Rule", "Properties": {
		"EventPattern": {"source": ["aws.ses"], "detail": {"mail": {"tags": {"ses:configuration-set": [{"Ref": "Mails"}]}}}},
		"Targets": [{"Id": "Queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}, {"Id": "Function", "Arn": "TRIGGER"}]}},
	"Silent": {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": "mails-without-events"}}
}, "Outputs": {"Queue": {"Value": {"Ref": "Queue"}}, "Mails": {"Value": {"Ref": "Mails"}}}}`

// mailEvents are the events of the mails of one configuration set.
type mailEvents struct {
	aws        *local.AWS
	queue, set string
}

var madeMailStack sync.Once

// listen returns the events of a configuration set that the tests share.
func listen(t *testing.T) mailEvents {
	t.Helper()
	a := startAWS(t)
	stacks := cloudformation.NewFromConfig(a.Config())
	madeMailStack.Do(func() {
		if _, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: aws.String("mail-events"), TemplateBody: aws.String(strings.Replace(mailStack, "TRIGGER", a.Stack.TriggerARN, 1)),
		}); err != nil {
			t.Fatal(err)
		}
	})
	out, err := stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("mail-events")})
	if err != nil {
		t.Fatal(err)
	}
	m := mailEvents{aws: a}
	for _, o := range out.Stacks[0].Outputs {
		switch *o.OutputKey {
		case "Queue":
			m.queue = *o.OutputValue
		case "Mails":
			m.set = *o.OutputValue
		}
	}
	return m
}

// send sends a mail with a tag, and returns its ID.
func (m mailEvents) send(t *testing.T, to, set string) (messageID string, err error) {
	t.Helper()
	out, err := ses.NewFromConfig(m.aws.Config()).SendEmail(t.Context(), &ses.SendEmailInput{
		Source: aws.String("Our App <welcome@onboarding.example>"), Destination: &sestypes.Destination{ToAddresses: []string{to}},
		Message: &sestypes.Message{
			Subject: &sestypes.Content{Data: aws.String("Hello")}, Body: &sestypes.Body{Text: &sestypes.Content{Data: aws.String("Hello.")}},
		},
		ConfigurationSetName: &set, Tags: []sestypes.MessageTag{{Name: aws.String("execution"), Value: aws.String("run-1")}},
	})
	if err != nil {
		return "", err
	}
	return *out.MessageId, nil
}

// mailEvent is what the tests read of an event.
type mailEvent struct {
	Source, Time string
	DetailType   string `json:"detail-type"`
	Detail       struct {
		Mail struct {
			MessageID   string `json:"messageId"`
			Destination []string
			Tags        map[string][]string
		}
		Bounce *struct{ BounceType, BounceSubType string }
	}
}

// of returns the events of a mail that reach the queue, once there are that many, or
// none came for a while; and takes the events of other mails out of the queue.
func (m mailEvents) of(t *testing.T, messageID string, want int) (events []mailEvent) {
	t.Helper()
	patience := 600 // a busy machine takes long
	if want == 0 {
		patience = 20
	}
	for quiet := 0; quiet < patience && (want == 0 || len(events) < want); quiet++ {
		out, err := sqs.NewFromConfig(m.aws.Config()).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &m.queue, MaxNumberOfMessages: 10, VisibilityTimeout: 3600})
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range out.Messages {
			var e mailEvent
			if err := json.Unmarshal([]byte(*message.Body), &e); err != nil {
				t.Fatal(err)
			}
			if e.Detail.Mail.MessageID == messageID {
				events, quiet = append(events, e), 0
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	return events
}

func TestEventBridgeIsToldOfMails(t *testing.T) {
	m := listen(t)
	for to, want := range map[string][]string{
		"anybody@example.com":                     {"Email Sent", "Email Delivered"},
		"bounce@example.com":                      {"Email Sent", "Email Delivered"},
		"success@simulator.amazonses.com":         {"Email Sent", "Email Delivered"},
		"bounce@simulator.amazonses.com":          {"Email Sent", "Email Bounced Permanent"},
		"Bounce+label@simulator.amazonses.com":    {"Email Sent", "Email Bounced Permanent"},
		"suppressionlist@simulator.amazonses.com": {"Email Sent", "Email Bounced Permanent"},
		"complaint@simulator.amazonses.com":       {"Email Sent", "Email Delivered", "Email Complaint Received"},
		"ooto@simulator.amazonses.com":            {"Email Sent", "Email Delivered", "Email Bounced Transient"},
	} {
		id, err := m.send(t, to, m.set)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range m.of(t, id, len(want)) {
			if e.Source != "aws.ses" || !slices.Equal(e.Detail.Mail.Destination, []string{to}) || !slices.Equal(e.Detail.Mail.Tags["execution"], []string{"run-1"}) {
				t.Errorf("event %+v", e)
			}
			if e.Detail.Bounce != nil {
				e.DetailType += " " + e.Detail.Bounce.BounceType
			}
			got = append(got, e.DetailType)
		}
		if !slices.Equal(got, want) {
			t.Errorf("mail to %s: %q, want %q", to, got, want)
		}
	}
}

func TestFunctionIsGivenTheEventsOfItsRule(t *testing.T) {
	m := listen(t)
	other := "of-another-rule"
	if out, err := eventbridge.NewFromConfig(m.aws.Config()).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		{Source: aws.String("tests"), DetailType: &other, Detail: aws.String("{}")},
	}}); err != nil || out.FailedEntryCount > 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	id, err := m.send(t, "anybody@example.com", m.set)
	if err != nil {
		t.Fatal(err)
	}
	invocations := func() []local.Call {
		return m.aws.Calls(func(c local.Call) bool {
			return c.Action == "Invoke" && (strings.Contains(string(c.Body), id) || strings.Contains(string(c.Body), other))
		})
	}
	becomes(func() bool { return len(invocations()) == 2 })
	var given []string
	for _, c := range invocations() {
		var e mailEvent
		if err := c.Decode(&e); err != nil {
			t.Fatal(err)
		}
		if _, err := time.Parse(time.RFC3339, e.Time); err != nil {
			t.Errorf("time: %v", err)
		}
		given = append(given, e.DetailType)
	}
	slices.Sort(given)
	if !slices.Equal(given, []string{"Email Delivered", "Email Sent"}) {
		t.Errorf("the function was given %q", given)
	}
}

func TestEventIsPublishedWhenTheAnswerWasLost(t *testing.T) {
	m := listen(t)
	ids := make(chan string, 10)
	defer m.aws.AddOutcomes(func(mail local.SentMail, _ []local.MailEvent) ([]local.MailDelivery, bool) {
		ids <- mail.ID
		return nil, false
	})()
	remove := m.aws.AddFault(loseAnswers(m.aws))
	_, err := m.send(t, "anybody@example.com", m.set)
	remove()
	if err == nil || len(ids) != 1 {
		t.Fatalf("error %v, %d mails; want an error and one mail", err, len(ids))
	}
	if got := m.of(t, <-ids, 2); len(got) != 2 {
		t.Errorf("events %+v, want two", got)
	}
}

func TestMailNamesAConfigurationSet(t *testing.T) {
	m := listen(t)
	var api smithy.APIError
	if _, err := m.send(t, "anybody@example.com", "no-such-set"); !errors.As(err, &api) || api.ErrorCode() != "ConfigurationSetDoesNotExist" {
		t.Errorf("no such set: %v", err)
	}
	if len(m.aws.Mails("nobody@example.com")) > 0 {
		t.Error("the mail was sent all the same")
	}
	id, err := m.send(t, "anybody@example.com", "mails-without-events")
	if err != nil {
		t.Fatal(err)
	}
	if got := m.of(t, id, 0); len(got) > 0 {
		t.Errorf("events %+v of a set that has no destination", got)
	}
}

func TestOutcomesDecideWhatIsPublished(t *testing.T) {
	m := listen(t)
	for _, test := range []struct {
		name   string
		decide func(events []local.MailEvent) []local.MailDelivery
		want   []string
	}{
		{"lost", func([]local.MailEvent) []local.MailDelivery { return nil }, nil},
		{"doubled", func(e []local.MailEvent) []local.MailDelivery {
			return []local.MailDelivery{{Event: e[0]}, {Event: e[0]}}
		}, []string{"Email Sent", "Email Sent"}},
		{"out of order", func(e []local.MailEvent) []local.MailDelivery {
			return []local.MailDelivery{{Event: e[0], After: 100 * time.Millisecond}, {Event: e[1]}}
		}, []string{"Email Delivered", "Email Sent"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			to := strings.ReplaceAll(test.name, " ", "-") + "@example.com"
			defer m.aws.AddOutcomes(func(mail local.SentMail, events []local.MailEvent) ([]local.MailDelivery, bool) {
				if !slices.Contains(mail.Recipients, to) {
					return nil, false
				}
				return test.decide(events), true
			})()
			id, err := m.send(t, to, m.set)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range m.of(t, id, len(test.want)) {
				got = append(got, e.DetailType)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("published %q, want %q", got, test.want)
			}
		})
	}
}

// loseAnswers lets each SendEmail have its effect, and breaks the connection then.
func loseAnswers(a *local.AWS) local.Fault {
	return func(c local.Call) http.Handler {
		if c.Action != "SendEmail" {
			return nil
		}
		return afterEffect(reset)(a)
	}
}

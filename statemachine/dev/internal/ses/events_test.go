package ses_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	sesv1 "github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"example.com/onboarding/statemachine/dev/internal/ses"
)

// post is SES around a backend that takes every mail, and keeps the events it is put.
type post struct {
	ses    *ses.SES
	client *sesv1.Client

	mu           sync.Mutex
	destinations string
	put          []put
}

// put is an entry of PutEvents.
type put struct {
	Source, DetailType, Detail string
	Time                       float64
}

const messageID = "0100019f00000000-aaaa-000000"

// destination is one that publishes the types of event.
func destination(enabled bool, to string, eventTypes ...string) string {
	list, _ := json.Marshal(eventTypes) //nolint:errchkjson // strings
	return fmt.Sprintf(`{"Name": "d", "Enabled": %t, "MatchingEventTypes": %s, %s}`, enabled, list, to)
}

const toBus = `"EventBridgeDestination": {"EventBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/default"}`

func open(t *testing.T, destinations ...string) *post {
	t.Helper()
	p := &post{destinations: strings.Join(destinations, ",")}
	backend := httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(backend.Close)
	p.ses = ses.Around(http.HandlerFunc(p.serve))
	t.Cleanup(p.ses.Close)
	front := httptest.NewServer(p.ses)
	t.Cleanup(front.Close)
	p.ses.Sets, p.ses.Bus = sesv2.NewFromConfig(config(backend.URL)), eventbridge.NewFromConfig(config(backend.URL))
	p.ses.Region, p.ses.Account, p.ses.Report = "us-east-1", "123456789012", func(err error) { t.Error(err) }
	p.client = sesv1.NewFromConfig(config(front.URL))
	return p
}

func config(endpoint string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("Sender", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// serve is the backend.
func (p *post) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/missing/event-destinations"):
		w.Header().Set("X-Amzn-Errortype", "NotFoundException")
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, "{}") //nolint:errcheck // the caller notices
	case strings.HasSuffix(r.URL.Path, "/event-destinations"):
		io.WriteString(w, `{"EventDestinations": [`+p.destinations+`]}`) //nolint:errcheck // likewise
	case r.Header.Get("X-Amz-Target") == "AWSEvents.PutEvents":
		var in struct{ Entries []put }
		json.Unmarshal(body, &in) //nolint:errcheck // likewise
		p.put = append(p.put, in.Entries...)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		io.WriteString(w, `{"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}`) //nolint:errcheck // likewise
	default:
		form, _ := url.ParseQuery(string(body))
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult><MessageId>%[2]s</MessageId></%[1]sResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></%[1]sResponse>`,
			form.Get("Action"), messageID)
	}
}

// events returns what was put, once there is as much as wanted, or there was time for
// it.
func (p *post) events(want int) []put {
	patience := 30 * time.Second // a busy machine takes long
	if want == 0 {
		patience = 100 * time.Millisecond
	}
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		p.mu.Lock()
		got := slices.Clone(p.put)
		p.mu.Unlock()
		if want > 0 && len(got) >= want || time.Now().After(end) {
			return got
		}
	}
}

func (p *post) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put = nil
}

// detailTypes are those of the events that were put.
func (p *post) detailTypes(want int) []string {
	var found []string
	for _, e := range p.events(want) {
		found = append(found, e.DetailType)
	}
	return found
}

func (p *post) send(t *testing.T, to string, change func(*sesv1.SendEmailInput)) error {
	t.Helper()
	in := &sesv1.SendEmailInput{
		Source: aws.String("Our App <welcome@example.com>"), Destination: &types.Destination{ToAddresses: []string{to}},
		Message:              &types.Message{Subject: &types.Content{Data: aws.String("Hello")}, Body: &types.Body{}},
		ConfigurationSetName: aws.String("mails"), Tags: []types.MessageTag{{Name: aws.String("execution"), Value: aws.String("run-1")}},
	}
	if change != nil {
		change(in)
	}
	out, err := p.client.SendEmail(t.Context(), in)
	if err == nil && *out.MessageId != messageID {
		t.Errorf("message ID %s", *out.MessageId)
	}
	return err
}

func TestEventsTellOfTheMail(t *testing.T) {
	p := open(t, destination(true, toBus, "SEND", "DELIVERY"))
	if err := p.send(t, "jane@example.net", nil); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"Email Sent Send", "Email Delivered Delivery"} {
		e := p.events(2)[i]
		var detail struct {
			EventType string
			Mail      struct {
				MessageID, Source, SourceArn string
				Destination                  []string
				Tags                         map[string][]string
			}
		}
		if err := json.Unmarshal([]byte(e.Detail), &detail); err != nil {
			t.Fatal(err)
		}
		if e.Source != "aws.ses" || e.DetailType+" "+detail.EventType != want || e.Time == 0 {
			t.Errorf("event %+v, want %s", e, want)
		}
		m := detail.Mail
		if m.MessageID != messageID || m.Source != "welcome@example.com" || m.SourceArn != "arn:aws:ses:us-east-1:123456789012:identity/example.com" || !slices.Equal(m.Destination, []string{"jane@example.net"}) {
			t.Errorf("mail %+v", m)
		}
		for name, value := range map[string]string{"execution": "run-1", "ses:operation": "SendEmail", "ses:configuration-set": "mails", "ses:from-domain": "example.com", "ses:caller-identity": "Sender"} {
			if !slices.Equal(m.Tags[name], []string{value}) {
				t.Errorf("tag %s is %q, want %q", name, m.Tags[name], value)
			}
		}
	}
}

func TestDestinationChoosesEvents(t *testing.T) {
	toTopic := `"SnsDestination": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:topic"}`
	for _, test := range []struct {
		name, to     string
		destinations []string
		want         []string
	}{
		{"without a destination", "jane@example.net", nil, nil},
		{"that is not enabled", "jane@example.net", []string{destination(false, toBus, "SEND")}, nil},
		{"that is a topic", "jane@example.net", []string{destination(true, toTopic, "SEND")}, nil},
		{"for one type", "bounce@simulator.amazonses.com", []string{destination(true, toBus, "BOUNCE")}, []string{"Email Bounced"}},
		{"for two types in two places", "complaint+1@simulator.amazonses.com", []string{destination(true, toBus, "SEND"), destination(true, toBus, "COMPLAINT")}, []string{"Email Sent", "Email Complaint Received"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := open(t, test.destinations...)
			if err := p.send(t, test.to, nil); err != nil {
				t.Fatal(err)
			}
			if got := p.detailTypes(len(test.want)); !slices.Equal(got, test.want) {
				t.Errorf("published %q, want %q", got, test.want)
			}
		})
	}
}

func TestMailWithoutConfigurationSetHasNoEvents(t *testing.T) {
	p := open(t, destination(true, toBus, "SEND"))
	if err := p.send(t, "jane@example.net", func(in *sesv1.SendEmailInput) { in.ConfigurationSetName = nil }); err != nil {
		t.Fatal(err)
	}
	if got := p.detailTypes(0); len(got) > 0 {
		t.Errorf("published %q", got)
	}
}

func TestMailIsRefused(t *testing.T) {
	p := open(t, destination(true, toBus, "SEND"))
	for code, change := range map[string]func(*sesv1.SendEmailInput){
		"ConfigurationSetDoesNotExist": func(in *sesv1.SendEmailInput) { in.ConfigurationSetName = aws.String("missing") },
		"InvalidParameterValue":        func(in *sesv1.SendEmailInput) { in.Tags[0].Value = aws.String("jane@example.net") },
	} {
		if err := p.send(t, "jane@example.net", change); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("error %v, want %s", err, code)
		}
	}
	if got := p.detailTypes(0); len(got) > 0 {
		t.Errorf("published %q of mails that were not sent", got)
	}
}

func TestRawMailTellsSetTagsAndRecipientsInHeaders(t *testing.T) {
	p := open(t, destination(true, toBus, "BOUNCE"))
	raw := strings.ReplaceAll(`From: Our App <welcome@example.com>
To: Jane <bounce@simulator.amazonses.com>
Subject: Hello
X-SES-CONFIGURATION-SET: mails
X-SES-MESSAGE-TAGS: execution=run-1, kind=welcome

Hello.
`, "\n", "\r\n")
	if _, err := p.client.SendRawEmail(t.Context(), &sesv1.SendRawEmailInput{RawMessage: &types.RawMessage{Data: []byte(raw)}}); err != nil {
		t.Fatal(err)
	}
	got := p.events(1)
	if len(got) != 1 {
		t.Fatalf("%d events", len(got))
	}
	for _, want := range []string{`"execution":["run-1"]`, `"kind":["welcome"]`, `"emailAddress":"bounce@simulator.amazonses.com"`, `"source":"welcome@example.com"`, `"ses:operation":["SendRawEmail"]`} {
		if !strings.Contains(got[0].Detail, want) {
			t.Errorf("detail %s lacks %s", got[0].Detail, want)
		}
	}
}

func TestMalformedRawMailIsLeftToTheBackend(t *testing.T) {
	p := open(t, destination(true, toBus, "SEND"))
	for _, data := range []string{"", "no header", "%", base64.StdEncoding.EncodeToString([]byte{0xff})} {
		p.client.SendRawEmail( //nolint:errcheck // it is not to panic
			t.Context(), &sesv1.SendRawEmailInput{RawMessage: &types.RawMessage{Data: []byte(data)}, ConfigurationSetName: aws.String("mails")})
	}
}

func TestOutcomes(t *testing.T) {
	p := open(t, destination(true, toBus, "SEND", "DELIVERY"))
	remove := p.ses.AddOutcomes(func(m ses.Mail, e []ses.Event) ([]ses.Delivery, bool) {
		if m.ID != messageID || !slices.Equal(m.Tags["execution"], []string{"run-1"}) {
			t.Errorf("mail %+v", m)
		}
		switch m.Recipients[0] {
		case "lost@example.net":
			return nil, true
		case "late@example.net":
			return []ses.Delivery{{Event: e[0], After: 30 * time.Millisecond}, {Event: e[1]}, {Event: e[1]}}, true
		}
		return nil, false
	})
	for _, test := range []struct {
		to   string
		want []string
	}{
		{"lost@example.net", nil},
		{"late@example.net", []string{"Email Delivered", "Email Delivered", "Email Sent"}},
		{"other@example.net", []string{"Email Sent", "Email Delivered"}},
	} {
		p.forget()
		if err := p.send(t, test.to, nil); err != nil {
			t.Fatal(err)
		}
		if got := p.detailTypes(len(test.want)); !slices.Equal(got, test.want) {
			t.Errorf("%s: published %q, want %q", test.to, got, test.want)
		}
	}
	remove()
	p.forget()
	if err := p.send(t, "lost@example.net", nil); err != nil {
		t.Fatal(err)
	}
	if got := p.detailTypes(2); len(got) != 2 {
		t.Errorf("published %q when nobody decides any more", got)
	}
}

func TestCloseEndsWhatIsToBePublishedLater(t *testing.T) {
	p := open(t, destination(true, toBus, "SEND"))
	remove := p.ses.AddOutcomes(func(_ ses.Mail, e []ses.Event) ([]ses.Delivery, bool) {
		return []ses.Delivery{{Event: e[0], After: time.Hour}}, true
	})
	if err := p.send(t, "jane@example.net", nil); err != nil {
		t.Fatal(err)
	}
	p.ses.Close()
	remove()
	for range 10 {
		if err := p.send(t, "jane@example.net", nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.detailTypes(0); len(got) > 0 {
		t.Errorf("published %q", got)
	}
}

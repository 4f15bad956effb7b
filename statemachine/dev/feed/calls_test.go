package feed

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

const bounce = `{"source":"aws.ses","detail":{"eventType":"Bounce","mail":{"messageId":"m-1","destination":["jane@example.com"]},
	"bounce":{"bounceType":"Permanent","bounceSubType":"General"}}}`

func TestCallsTell(t *testing.T) {
	mail := url.Values{"Destination.ToAddresses.member.1": {"jane@example.com"}, "Message.Subject.Data": {"Welcome"}}.Encode()
	for name, test := range map[string]struct {
		call local.Call
		want Event
		arn  string
	}{
		"sign-up": {
			local.Call{Service: "cognito-idp", Action: "SignUp", Body: []byte(`{"Username":"jane"}`), Response: []byte(`{"UserSub":"s"}`), Status: 200},
			Event{Kind: SignedUp, User: "s", Username: "jane"},
			"",
		},
		"refused confirmation": {
			local.Call{Service: "cognito-idp", Action: "ConfirmSignUp", Body: []byte(`{"Username":"jane"}`), Response: []byte(`{"__type":"CodeMismatchException","message":"wrong"}`), Status: 400},
			Event{Kind: Confirmed, Username: "jane", Error: "CodeMismatchException", Message: "wrong"},
			"",
		},
		"start": {
			local.Call{Service: "states", Action: "StartExecution", Response: []byte(`{"executionArn":"a"}`), Status: 200}, Event{}, "a",
		},
		"refused start": {
			local.Call{Service: "states", Action: "StartExecution", Response: []byte(`{"executionArn":"a"}`), Status: 400}, Event{}, "",
		},
		"redrive": {
			local.Call{Service: "states", Action: "RedriveExecution", Body: []byte(`{"executionArn":"a"}`), Status: 200}, Event{}, "a",
		},
		"mail": {
			local.Call{Service: "ses", Action: "SendEmail", Body: []byte(mail), Status: 200, Response: []byte("<SendEmailResponse><SendEmailResult><MessageId>m-1</MessageId></SendEmailResult></SendEmailResponse>")},
			Event{Kind: Mailed, MessageID: "m-1"},
			"",
		},
		"refused mail": {
			local.Call{Service: "ses", Action: "SendEmail", Body: []byte(mail), Status: 403, Response: []byte("<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>")},
			Event{Kind: Mailed, Error: "AccessDenied", Message: "no"},
			"",
		},
		"mail without an answer": {
			local.Call{Service: "ses", Action: "SendEmail", Body: []byte(mail), Status: 503}, Event{Kind: Mailed, Error: "Service Unavailable"}, "",
		},
		"event": {
			local.Call{Service: "events", Action: "PutEvents", Body: []byte(`{"Entries":[{"Source":"onboarding","DetailType":"UserOnboarded","Detail":"{}"}]}`), Status: 200},
			Event{Kind: Put, Source: "onboarding", DetailType: "UserOnboarded", Message: "{}"},
			"",
		},
		"receipt": {
			local.Call{Service: "lambda", Action: "Invoke", Status: 200, Response: []byte("null"), Body: []byte(bounce)},
			Event{Kind: Receipt, Username: "jane@example.com", Receipt: record.Receipt{Fate: record.Bounced, Message: "m-1", Bounce: "Permanent/General"}},
			"",
		},
		"a receipt of an automatic reply": {
			local.Call{
				Service: "lambda", Action: "Invoke", Status: 200, Response: []byte("null"), Body: []byte(strings.ReplaceAll(bounce, "Permanent", "Transient")),
			},
			Event{Kind: Receipt, Username: "jane@example.com", Receipt: record.Receipt{Fate: record.Returned, Message: "m-1", Bounce: "Transient/General"}},
			"",
		},
		"a receipt that is not taken": {
			local.Call{Service: "lambda", Action: "Invoke", Status: 200, Response: []byte(`{"errorType":"errorString"}`), Body: []byte(bounce)}, Event{}, "",
		},
		"a task": {
			local.Call{Service: "lambda", Action: "Invoke", Status: 200, Response: []byte("{}"), Body: []byte(`{"executionName":"e"}`)}, Event{}, "",
		},
		"nothing":           {local.Call{Service: "dynamodb", Action: "GetItem", Status: 200}, Event{}, ""},
		"an odd answer":     {local.Call{Service: "states", Action: "StartExecution", Response: []byte("[]"), Status: 200}, Event{}, ""},
		"an event of none":  {local.Call{Service: "events", Action: "PutEvents", Body: []byte(`{"Entries":[]}`), Status: http.StatusOK}, Event{}, ""},
		"a sign-up refused": {local.Call{Service: "cognito-idp", Action: "SignUp", Status: 400}, Event{}, ""},
	} {
		event, arn := fromCall(test.call)
		var got Event
		if event != nil {
			got = *event
		}
		if got.Mail != nil && (got.Mail.To != "jane@example.com" || got.Mail.Subject != "Welcome") {
			t.Errorf("%s: mail %+v", name, got.Mail)
		}
		if (got.Mail != nil) != (test.want.Kind == Mailed) || arn != test.arn {
			t.Errorf("%s: mail %v, ARN %q, want %q", name, got.Mail, arn, test.arn)
		}
		same := got.Kind == test.want.Kind && got.User == test.want.User && got.Username == test.want.Username &&
			got.Error == test.want.Error && got.Message == test.want.Message && got.Source == test.want.Source && got.DetailType == test.want.DetailType &&
			got.MessageID == test.want.MessageID && got.Receipt == test.want.Receipt
		if !same {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestFatesAreThoseThatCount(t *testing.T) {
	told := func(id string, f record.Fate, bounce string) Event {
		return Event{Kind: Receipt, Receipt: record.Receipt{Fate: f, Message: id, Bounce: bounce}}
	}
	fates := Fates([]Event{
		{Kind: Mailed, MessageID: "none"},
		told("spam", record.Complained, ""), told("bounced", record.Sent, ""),
		told("bounced", record.Bounced, "Permanent/General"), told("spam", record.Delivered, ""),
		told("away", record.Delivered, ""), told("away", record.Returned, "Transient/General"),
	})
	for id, want := range map[string]string{"none": "", "bounced": "bounced Permanent/General", "spam": "complained", "away": "delivered"} {
		if got := Fate(fates[id]); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

package feed

import (
	"net/http"
	"net/url"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
)

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
			local.Call{Service: "ses", Action: "SendEmail", Body: []byte(mail), Status: 200}, Event{Kind: Mailed}, "",
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
			got.Error == test.want.Error && got.Message == test.want.Message && got.Source == test.want.Source && got.DetailType == test.want.DetailType
		if !same {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

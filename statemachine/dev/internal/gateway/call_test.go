package gateway_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

const sentMail = `<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendEmailResult><MessageId>m-1</MessageId></SendEmailResult></SendEmailResponse>`

// TestCall lets the SDK's clients make the calls, and looks at what the gateway
// took them for.
func TestCall(t *testing.T) {
	tests := []struct {
		name                   string
		call                   func(context.Context, aws.Config) error
		service, action, keyID string
	}{
		{
			"JSON protocol", func(ctx context.Context, c aws.Config) error {
				_, err := sfn.NewFromConfig(c).StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: aws.String("arn")})
				return err
			}, "states", "StartExecution", "AKIDTEST",
		},
		{
			"JSON protocol, service known by its signature only", func(ctx context.Context, c aws.Config) error {
				_, err := eventbridge.NewFromConfig(c).PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{{}}})
				return err
			}, "events", "PutEvents", "AKIDTEST",
		},
		{
			"Query protocol", func(ctx context.Context, c aws.Config) error {
				_, err := ses.NewFromConfig(c).GetSendQuota(ctx, &ses.GetSendQuotaInput{})
				return err
			}, "ses", "GetSendQuota", "AKIDTEST",
		},
		{
			"signed call of Cognito", func(ctx context.Context, c aws.Config) error {
				_, err := cognitoidentityprovider.NewFromConfig(c).ListUserPools(ctx, &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(1)})
				return err
			}, "cognito-idp", "ListUserPools", "AKIDTEST",
		},
		{
			"unsigned call of Cognito", func(ctx context.Context, c aws.Config) error {
				_, err := cognitoidentityprovider.NewFromConfig(c).ResendConfirmationCode(ctx, &cognitoidentityprovider.ResendConfirmationCodeInput{
					ClientId: aws.String("client"), Username: aws.String("ann"),
				})
				return err
			}, "cognito-idp", "ResendConfirmationCode", "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := start(t)
			if tt.service == "ses" {
				l.backend.answer = answerXML("<GetSendQuotaResponse><GetSendQuotaResult/></GetSendQuotaResponse>")
			}
			if err := tt.call(t.Context(), l.config); err != nil {
				t.Fatalf("call: %v", err)
			}
			l.wantCall(t, tt.service, tt.action, tt.keyID)
		})
	}
	t.Run("Smithy RPC v2", func(t *testing.T) {
		l := start(t)
		l.post(t, "/service/GraniteServiceVersion20100801/operation/PutMetricData", http.NoBody, http.Header{
			"Authorization": {"AWS4-HMAC-SHA256 Credential=AKIDTEST/20260101/eu-west-1/monitoring/aws4_request, SignedHeaders=host, Signature=none"},
		})
		l.wantCall(t, "monitoring", "PutMetricData", "AKIDTEST")
	})
	t.Run("none of AWS", func(t *testing.T) {
		l := start(t)
		l.post(t, "/moto-api/reset", http.NoBody, nil)
		l.wantCall(t, "", "", "")
	})
}

func TestCallForm(t *testing.T) {
	l := start(t)
	l.backend.answer = answerXML(sentMail)
	out, err := sendEmail(t, l)
	if err != nil || aws.ToString(out.MessageId) != "m-1" {
		t.Fatalf("SendEmail = %+v, %v; want message m-1", out, err)
	}
	form := l.gateway.Calls(all)[0].Form()
	for key, want := range map[string]string{
		"Source":                           "team@example.com",
		"Destination.ToAddresses.member.1": "ann@example.com",
		"Message.Subject.Data":             "Welcome & hello",
		"Message.Body.Text.Data":           "100% = all\n",
	} {
		if got := form.Get(key); got != want {
			t.Errorf("form field %s = %q; want %q", key, got, want)
		}
	}
	if got := (gateway.Call{Body: []byte("%zz")}).Form(); got != nil {
		t.Errorf("Form of %%zz = %v; want nil", got)
	}
}

func TestCallDecode(t *testing.T) {
	l := start(t)
	l.getUser(t)
	var got struct{ UserPoolID, Username string }
	call := l.gateway.Calls(all)[0]
	if err := call.Decode(&got); err != nil || got.Username != "ann@example.com" {
		t.Errorf("Decode of %s = %+v, %v; want username ann@example.com", call.Body, got, err)
	}
	call.Body = []byte("Action=AdminGetUser")
	if err := call.Decode(&got); err == nil || !strings.Contains(err.Error(), "AdminGetUser") {
		t.Errorf("Decode of %s = %v; want an error that names the action", call.Body, err)
	}
}

func (l *localAWS) wantCall(t *testing.T, service, action, keyID string) {
	t.Helper()
	calls := l.gateway.Calls(all)
	if len(calls) != 1 {
		t.Fatalf("calls = %+v; want one of %s", calls, action)
	}
	if c := calls[0]; c.Service != service || c.Action != action || c.AccessKeyID != keyID {
		t.Errorf("call = service %q, action %q, access key %q; want %q, %q, %q",
			c.Service, c.Action, c.AccessKeyID, service, action, keyID)
	}
}

func sendEmail(t *testing.T, l *localAWS) (*ses.SendEmailOutput, error) {
	t.Helper()
	return ses.NewFromConfig(l.config).SendEmail(t.Context(), &ses.SendEmailInput{
		Source:      aws.String("team@example.com"),
		Destination: &sestypes.Destination{ToAddresses: []string{"ann@example.com"}},
		Message: &sestypes.Message{
			Subject: &sestypes.Content{Data: aws.String("Welcome & hello")},
			Body:    &sestypes.Body{Text: &sestypes.Content{Data: aws.String("100% = all\n")}},
		},
	})
}

func answerXML(text string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, text) //nolint:errcheck // the test sees what arrives
	}
}

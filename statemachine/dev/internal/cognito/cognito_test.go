package cognito_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

var (
	confirmSignUp = gateway.Call{
		Service: "cognito-idp", Action: "ConfirmSignUp",
		Body: []byte(`{"ClientId":"app","Username":"ann@example.com","ConfirmationCode":"123456","ClientMetadata":{"locale":"de"}}`),
	}
	adminConfirmSignUp = gateway.Call{
		Service: "cognito-idp", Action: "AdminConfirmSignUp",
		Body: []byte(`{"UserPoolId":"eu-west-1_members","Username":"ann@example.com"}`),
	}
	confirmForgotPassword = gateway.Call{
		Service: "cognito-idp", Action: "ConfirmForgotPassword",
		Body: []byte(`{"ClientId":"app","Username":"ann@example.com","ConfirmationCode":"123456","Password":"secret"}`),
	}
)

// TestEvent compares with events as the documentation of Cognito shows them. The
// address is verified in the one of ConfirmSignUp only.
func TestEvent(t *testing.T) {
	for _, call := range []gateway.Call{confirmSignUp, adminConfirmSignUp, confirmForgotPassword} {
		t.Run(call.Action, func(t *testing.T) {
			f := newFake()
			if err := confirmations(t, f).After(t.Context(), call); err != nil {
				t.Fatalf("After %s = %v; want success", call.Action, err)
			}
			events := f.Events()
			if len(events) != 1 {
				t.Fatalf("the trigger was invoked %d times; want once", len(events))
			}
			wantGolden(t, events[0], "testdata/"+call.Action+".json")
		})
	}
}

func TestVerifiedAddress(t *testing.T) {
	tests := []struct {
		name         string
		call         gateway.Call
		autoVerified []string
		want         bool
	}{
		{"ConfirmSignUp", confirmSignUp, []string{"phone_number", "email"}, true},
		{"ConfirmSignUp in a pool that verifies no address", confirmSignUp, nil, false},
		{"ConfirmSignUp in a pool that verifies numbers", confirmSignUp, []string{"phone_number"}, false},
		{"AdminConfirmSignUp", adminConfirmSignUp, []string{"email"}, false},
		{"ConfirmForgotPassword", confirmForgotPassword, []string{"email"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.AutoVerified, f.Trigger = tt.autoVerified, ""
			if err := confirmations(t, f).After(t.Context(), tt.call); err != nil {
				t.Fatalf("After %s = %v; want success", tt.call.Action, err)
			}
			if got := slices.Contains(f.Actions(), "AdminUpdateUserAttributes"); got != tt.want {
				t.Errorf("address verified after %s with %q = %v; want %v (calls: %q)",
					tt.call.Action, tt.autoVerified, got, tt.want, f.Actions())
			}
			if n := len(f.Events()); n != 0 {
				t.Errorf("a pool without a trigger invoked one %d times", n)
			}
		})
	}
}

func TestOtherCallsAreLeftAlone(t *testing.T) {
	f := newFake()
	c := confirmations(t, f)
	call := gateway.Call{Service: "cognito-idp", Action: "SignUp", Body: []byte("not even JSON")}
	if err := errors.Join(c.Before(t.Context(), call), c.After(t.Context(), call)); err != nil {
		t.Errorf("Before and After SignUp = %v; want nothing", err)
	}
	if got := f.Actions(); len(got) != 0 {
		t.Errorf("calls of the backend around SignUp = %q; want none", got)
	}
}

func TestTriggersAnswer(t *testing.T) {
	tests := []struct {
		name, answer  string
		failed        bool
		code, message string
	}{
		{
			"is an error", `{"errorMessage":"no group","errorType":"DefinitiveError"}`, true,
			"UserLambdaValidationException", "PostConfirmation failed with error no group.",
		},
		{
			"is an error that nobody can read", `<html>`, true,
			"UserLambdaValidationException", "PostConfirmation failed with error unknown.",
		},
		{"has no response", `{"version":"1"}`, false, "InvalidLambdaResponseException", "Unrecognizable lambda output"},
		{"is no object", `"done"`, false, "InvalidLambdaResponseException", "Unrecognizable lambda output"},
		{"is null", `null`, false, "InvalidLambdaResponseException", "Unrecognizable lambda output"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.Answer, f.Failed = tt.answer, tt.failed
			err := confirmations(t, f).After(t.Context(), confirmSignUp)
			wantAPIError(t, err, tt.code, tt.message)
			if n := len(f.Events()); n != 1 {
				t.Errorf("the trigger was invoked %d times; want once: only a timeout is tried again", n)
			}
		})
	}
}

func TestTriggerThatDoesNotExist(t *testing.T) {
	f := newFake()
	f.Trigger += "-not-deployed"
	err := confirmations(t, f).After(t.Context(), confirmSignUp)
	wantAPIError(t, err, "UnexpectedLambdaException", "PostConfirmation invocation failed due to error ResourceNotFoundException.")
}

func TestAfterFailsWithoutTheBackend(t *testing.T) {
	tests := []struct{ name, body string }{
		{"unknown client", `{"ClientId":"another","Username":"ann@example.com"}`},
		{"unknown pool", `{"UserPoolId":"eu-west-1_nowhere","Username":"ann@example.com"}`},
		{"unknown user", `{"UserPoolId":"eu-west-1_members","Username":"bob@example.com"}`},
		{"no JSON", `ClientId=app`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			call := gateway.Call{Action: "AdminConfirmSignUp", Body: []byte(tt.body)}
			if err := confirmations(t, f).After(t.Context(), call); err == nil {
				t.Errorf("After %s = nil; want an error", tt.body)
			}
			if n := len(f.Events()); n != 0 {
				t.Errorf("the trigger was invoked %d times after %s; want never", n, tt.body)
			}
		})
	}
}

func TestBefore(t *testing.T) {
	tests := []struct {
		name, status string
		call         gateway.Call
		refused      bool
	}{
		{"ConfirmSignUp of a new user", "UNCONFIRMED", confirmSignUp, false},
		{"ConfirmSignUp of a confirmed user", "CONFIRMED", confirmSignUp, true},
		{"AdminConfirmSignUp of a new user", "UNCONFIRMED", adminConfirmSignUp, false},
		{"AdminConfirmSignUp of a confirmed user", "CONFIRMED", adminConfirmSignUp, true},
		{"ConfirmForgotPassword of a confirmed user", "CONFIRMED", confirmForgotPassword, false},
		{"of an unknown user", "CONFIRMED", gateway.Call{Action: "ConfirmSignUp", Body: []byte(`{"ClientId":"app","Username":"bob"}`)}, false},
		{"of an unknown client", "CONFIRMED", gateway.Call{Action: "ConfirmSignUp", Body: []byte(`{"ClientId":"another"}`)}, false},
		{"of no JSON", "CONFIRMED", gateway.Call{Action: "ConfirmSignUp", Body: []byte(`ClientId`)}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.Status = tt.status
			err := confirmations(t, f).Before(t.Context(), tt.call)
			if !tt.refused {
				if err != nil {
					t.Errorf("Before %s %s = %v; want it passed on", tt.call.Action, tt.call.Body, err)
				}
				return
			}
			wantAPIError(t, err, "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
		})
	}
}

// TestThroughTheGateway confirms a sign-up twice, as an app would.
func TestThroughTheGateway(t *testing.T) {
	f := newFake()
	f.Status = "UNCONFIRMED"
	backend := httptest.NewServer(f)
	defer backend.Close()
	address, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatalf("address of the backend: %v", err)
	}
	g := gateway.New(nil, address, address)
	g.Users = withConfig(config(backend.URL))
	front := httptest.NewServer(g)
	defer front.Close()

	if err := confirm(t.Context(), front.URL); err != nil {
		t.Fatalf("first ConfirmSignUp = %v; want success", err)
	}
	err = confirm(t.Context(), front.URL)
	if _, ok := errors.AsType[*types.NotAuthorizedException](err); !ok {
		t.Errorf("second ConfirmSignUp = %v; want a NotAuthorizedException", err)
	}
	confirmations := slices.DeleteFunc(f.Actions(), func(action string) bool { return action != "ConfirmSignUp" })
	if n := len(confirmations); n != 1 {
		t.Errorf("%d calls of ConfirmSignUp reached the backend; want one", n)
	}
	if n := len(f.Events()); n != 1 {
		t.Errorf("the trigger was invoked %d times; want once", n)
	}
}

func confirm(ctx context.Context, address string) error {
	_, err := cognitoidentityprovider.NewFromConfig(config(address)).ConfirmSignUp(ctx, &cognitoidentityprovider.ConfirmSignUpInput{
		ClientId: aws.String(clientID), Username: aws.String(email), ConfirmationCode: aws.String("123456"),
	})
	return err
}

func wantGolden(t *testing.T, got []byte, file string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("golden file: %v", err)
	}
	var gotValue, wantValue any
	if err := errors.Join(json.Unmarshal(got, &gotValue), json.Unmarshal(want, &wantValue)); err != nil {
		t.Fatalf("unmarshal %s and %s: %v", got, file, err)
	}
	if !reflect.DeepEqual(gotValue, wantValue) {
		var indented bytes.Buffer
		json.Indent(&indented, got, "", "  ") //nolint:errcheck // it was unmarshalled
		t.Errorf("event = %s\nwant %s:\n%s", &indented, file, want)
	}
}

func wantAPIError(t *testing.T, err error, code, message string) {
	t.Helper()
	api, ok := errors.AsType[*gateway.APIError](err)
	if !ok {
		t.Fatalf("error = %v; want %s", err, code)
	}
	if api.Code != code || api.Message != message || api.Status != http.StatusBadRequest {
		t.Errorf("error = %d %s %q; want 400 %s %q", api.Status, api.Code, api.Message, code, message)
	}
}

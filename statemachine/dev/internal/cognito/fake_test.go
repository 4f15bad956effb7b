package cognito_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"example.com/onboarding/statemachine/dev/internal/cognito"
	"example.com/onboarding/statemachine/dev/internal/gateway"
)

const (
	poolID     = "eu-west-1_members"
	clientID   = "app"
	sub        = "2f1a3c5e-0000-4000-8000-000000000001"
	email      = "ann@example.com"
	triggerARN = "arn:aws:lambda:eu-west-1:123456789012:function:trigger"
)

// fake stands for the backend, with one user in the second of its two pools, and
// for Lambda, with the trigger.
type fake struct {
	// Trigger is the ARN that the pool names; AutoVerified what it verifies.
	Trigger      string
	AutoVerified []string
	// Fixed are other settings of the pool.
	Fixed map[string]any
	// Status is that of the user.
	Status string
	// Answer is what the trigger returns; Failed says that it is an error.
	Answer string
	Failed bool

	mu       sync.Mutex
	verified string
	actions  []string
	events   [][]byte
}

// newFake has a pool that verifies addresses and names a trigger that returns
// the event, and a user whose sign-up the backend has confirmed.
func newFake() *fake {
	return &fake{
		Trigger: triggerARN, AutoVerified: []string{"email"}, Status: "CONFIRMED", verified: "false",
		Answer: `{"version":"1","response":{}}`,
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Path == "/2015-03-31/functions/"+triggerARN+"/invocations" {
		f.invoke(w, body)
		return
	}
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	f.actions = append(f.actions, action)
	f.answer(w, action, body)
}

func (f *fake) invoke(w http.ResponseWriter, event []byte) {
	f.events = append(f.events, event)
	if f.Failed {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
	}
	io.WriteString(w, f.Answer) //nolint:errcheck // the test sees what arrives
}

func (f *fake) answer(w http.ResponseWriter, action string, body []byte) {
	var in struct {
		UserPoolID     string `json:"UserPoolId"`
		ClientID       string `json:"ClientId"`
		Username       string
		UserAttributes []attribute
	}
	json.Unmarshal(body, &in) //nolint:errcheck // what is missing is not found
	switch {
	case action == "ListUserPools":
		reply(w, map[string]any{"UserPools": []any{map[string]any{"Id": "eu-west-1_others"}, map[string]any{"Id": poolID}}})
	case in.UserPoolID != poolID && in.UserPoolID != "":
		errNotFound.ServeHTTP(w, nil)
	case action == "DescribeUserPoolClient" && in.ClientID == clientID:
		reply(w, map[string]any{"UserPoolClient": map[string]any{"ClientId": clientID}})
	case action == "DescribeUserPool":
		reply(w, map[string]any{"UserPool": f.pool()})
	case action == "AdminGetUser" && in.Username == email:
		reply(w, f.user())
	case action == "AdminUpdateUserAttributes" && slices.Equal(in.UserAttributes, []attribute{{"email_verified", "true"}}):
		f.verified = "true"
		reply(w, map[string]any{})
	case action == "ConfirmSignUp":
		f.Status = "CONFIRMED"
		reply(w, map[string]any{})
	default:
		errNotFound.ServeHTTP(w, nil)
	}
}

var errNotFound = &gateway.APIError{Status: http.StatusBadRequest, Code: "ResourceNotFoundException", Message: "not in the fake"}

type attribute struct{ Name, Value string }

func (f *fake) pool() map[string]any {
	pool := map[string]any{"Id": poolID, "AutoVerifiedAttributes": f.AutoVerified}
	if f.Trigger != "" {
		pool["LambdaConfig"] = map[string]any{"PostConfirmation": f.Trigger}
	}
	maps.Copy(pool, f.Fixed)
	return pool
}

func (f *fake) user() map[string]any {
	return map[string]any{
		"Username": sub, "UserStatus": f.Status,
		"UserAttributes": []attribute{{"sub", sub}, {"email", email}, {"name", "Ann"}, {"email_verified", f.verified}},
	}
}

func reply(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	json.NewEncoder(w).Encode(body) //nolint:errcheck // the test sees what arrives
}

// Actions returns the calls of Cognito so far.
func (f *fake) Actions() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.actions)
}

// Events returns what the trigger was invoked with.
func (f *fake) Events() [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events)
}

// confirmations returns Confirmations in front of the fake.
func confirmations(t *testing.T, f *fake) *cognito.Confirmations {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return withConfig(config(server.URL))
}

func withConfig(c aws.Config) *cognito.Confirmations {
	return &cognito.Confirmations{
		Backend: cognitoidentityprovider.NewFromConfig(c), Functions: lambda.NewFromConfig(c), Region: c.Region,
	}
}

func config(address string) aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: &address,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
}

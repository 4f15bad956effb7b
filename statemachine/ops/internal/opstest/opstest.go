// Package opstest has what the tests of the commands share.
package opstest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// The ARNs and IDs that the tests use.
const (
	MachineARN  = "arn:aws:states:us-east-1:123456789012:stateMachine:onboarding"
	FunctionARN = "arn:aws:lambda:us-east-1:123456789012:function:trigger"
	OtherARN    = "arn:aws:lambda:us-east-1:123456789012:function:other"
	PoolID      = "us-east-1_Example01"
	PoolARN     = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/" + PoolID
)

// Now is the time at which the unit tests run.
var Now = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// APIError is an error of AWS with this code.
func APIError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "planted"} }

// Session is a session that prints into buffers.
type Session struct {
	*session.Session

	Out, Err bytes.Buffer
}

// NewSession returns a session whose calls arrive nowhere.
func NewSession(t *testing.T) *Session {
	t.Helper()
	s := new(Session)
	s.Session = &session.Session{Config: Config("http://127.0.0.1:1"), Stdout: &s.Out, Stderr: &s.Err, Now: func() time.Time { return Now }}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("stdout:\n%s\nstderr:\n%s", &s.Out, &s.Err)
		}
	})
	return s
}

// Config makes clients call a server, once.
func Config(url string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient: http.DefaultClient, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// Decode decodes JSON.
func Decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

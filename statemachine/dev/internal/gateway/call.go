package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Call is one call of an AWS API, as it passed through the gateway.
type Call struct {
	// Service is the name that requests are signed for, such as "ses".
	Service string
	// Action is the API operation, such as "SendEmail". The REST protocols have
	// it in method and path; then Action is empty but for an Invoke of Lambda.
	Action string
	// Path is the path of the URL, such as "/v2/email/account".
	Path string
	// AccessKeyID is the one that the request was signed with; empty if it was
	// not signed.
	AccessKeyID string
	// Function is the name of the function that an Invoke of Lambda is for.
	Function string
	// Attempt is the SDK's count of its tries of a call, from 1; 0 if it sent none.
	Attempt int
	// Invocation is what the SDK names a call with, the same for each try; empty if it sent
	// none.
	Invocation string
	Body       []byte

	Time time.Time
	// Duration is how long the answer took.
	Duration time.Duration
	// Status and Response are the answer; zero while it is still to come, and if
	// a fault broke the connection.
	Status   int
	Response []byte
}

// Form returns the parameters of a call in the Query protocol, as SES v1 has it.
func (c Call) Form() url.Values {
	values, err := url.ParseQuery(string(c.Body))
	if err != nil {
		return nil
	}
	return values
}

// credential is the Credential part of an Authorization header of Signature
// Version 4: access key ID, date, Region, service.
var credential = regexp.MustCompile(`Credential=([^/,]+)/\d{8}/[^/]+/([^/]+)/aws4_request`)

// targets are the services whose calls may come unsigned, or that are not named
// by what they are signed for, by the prefix of X-Amz-Target.
var targets = map[string]string{
	"AWSCognitoIdentityProviderService": "cognito-idp",
	"AWSStepFunctions":                  "states",
}

// NewCall tells what a request calls from its headers and its body.
func NewCall(r *http.Request, body []byte) Call {
	call := Call{Path: r.URL.Path, Attempt: attemptOf(r), Invocation: r.Header.Get("Amz-Sdk-Invocation-Id"), Body: body, Time: time.Now()}
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		call.AccessKeyID, call.Service = m[1], m[2]
	}
	target, action, found := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if found {
		call.Action = action
		if service, ok := targets[target]; ok {
			call.Service = service
		}
		return call
	}
	if _, operation, ok := strings.Cut(r.URL.Path, "/operation/"); ok {
		call.Action = operation // Smithy RPC v2
		return call
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		call.Action = call.Form().Get("Action")
	}
	return call
}

// attemptOf reads a header of the SDK, such as "attempt=2; max=3".
func attemptOf(r *http.Request) int {
	text, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Amz-Sdk-Request"), "attempt="), ";")
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// Decode unmarshals the body of a call in one of the JSON protocols.
func (c Call) Decode(v any) error {
	if err := json.Unmarshal(c.Body, v); err != nil {
		return fmt.Errorf("decode %s: %w", c.Action, err)
	}
	return nil
}

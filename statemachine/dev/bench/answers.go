package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

// answers has the answers of AWS that a function reads something of, by operation. SES
// speaks XML, the others JSON.
var answers = map[string]string{
	"StartExecution": `{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:onboarding:x","startDate":1700000000}`,
	"AdminGetUser": `{"Username":"jane","Enabled":true,"UserStatus":"CONFIRMED","UserAttributes":[` +
		`{"Name":"sub","Value":"3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"},{"Name":"name","Value":"Jane Doe"},` +
		`{"Name":"email","Value":"jane@example.com"},{"Name":"email_verified","Value":"true"}]}`,
	"PutEvents": `{"FailedEntryCount":0,"Entries":[{"EventId":"11710aed-b79e-4468-a20b-bb3c0c3b4860"}]}`,
	"SendEmail": `<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendEmailResult>` +
		`<MessageId>0100018b-0000</MessageId></SendEmailResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></SendEmailResponse>`,
}

// services answers for all of AWS at once, and keeps which calls came.
type services struct {
	mu    sync.Mutex
	calls []string
}

// ServeHTTP answers a call as AWS does when all is well: with nothing, if the function
// is not known to read something of it.
func (s *services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	call := gateway.NewCall(r, body)
	if call.Service == "" {
		return // no call: a connection that is opened early may ask for something
	}
	s.mu.Lock()
	s.calls = append(s.calls, operation(call))
	s.mu.Unlock()
	contentType, nothing := r.Header.Get("Content-Type"), "{}"
	if bytes.HasPrefix(body, []byte("Action=")) || strings.Contains(contentType, "urlencoded") {
		contentType, nothing = "text/xml", fmt.Sprintf("<%[1]sResponse><%[1]sResult/></%[1]sResponse>", call.Action)
	}
	w.Header().Set("Content-Type", contentType)
	fmt.Fprint(w, cmp.Or(answers[call.Action], nothing))
}

// operation is the name of a call, as usage.json has it.
func operation(c gateway.Call) string { return c.Service + " " + cmp.Or(c.Action, c.Path) }

// taken returns the calls since the last time.
func (s *services) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := slices.Clone(s.calls)
	s.calls = s.calls[:0]
	return calls
}

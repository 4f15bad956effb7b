package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// answers has the answer of each operation that the functions call, as AWS gives it
// when all is well. SES speaks XML, the others JSON.
var answers = map[string]string{
	"StartExecution":      `{"executionArn":"arn:aws:states:us-east-1:123456789012:execution:onboarding:x","startDate":1700000000}`,
	"SendMessage":         `{"MessageId":"5fea7756-0ea4-451a-a703-a558b933e274"}`,
	"AdminAddUserToGroup": `{}`,
	"AdminGetUser": `{"Username":"jane","Enabled":true,"UserStatus":"CONFIRMED","UserAttributes":[` +
		`{"Name":"sub","Value":"3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"},{"Name":"name","Value":"Jane Doe"},` +
		`{"Name":"email","Value":"jane@example.com"},{"Name":"email_verified","Value":"true"}]}`,
	"PutItem":    `{}`,
	"UpdateItem": `{}`,
	"DeleteItem": `{}`,
	"PutEvents":  `{"FailedEntryCount":0,"Entries":[{"EventId":"11710aed-b79e-4468-a20b-bb3c0c3b4860"}]}`,
	"SendEmail": `<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendEmailResult>` +
		`<MessageId>0100018b-0000</MessageId></SendEmailResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></SendEmailResponse>`,
}

// services answers for all of AWS, each call after the same time, and counts them.
type services struct {
	// latency is how long a call takes to be answered.
	latency time.Duration

	mu    sync.Mutex
	calls map[string]int
}

// ServeHTTP answers a call. An operation that it does not know is refused, and is in
// the count under its name.
func (s *services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation, contentType := operationOf(r)
	if operation == "" {
		return // no call: a connection that is opened early may send something
	}
	s.mu.Lock()
	s.calls[operation]++
	s.mu.Unlock()
	time.Sleep(s.latency)
	answer, ok := answers[operation]
	if !ok {
		http.Error(w, "no such operation", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", contentType)
	fmt.Fprint(w, answer)
}

// operationOf returns the operation that a request calls: from the header of the JSON
// protocols, or from the form of the Query protocol.
func operationOf(r *http.Request) (operation, contentType string) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:], r.Header.Get("Content-Type")
	}
	return r.FormValue("Action"), "text/xml"
}

// taken returns the calls since the last time.
func (s *services) taken() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := maps.Clone(s.calls)
	clear(s.calls)
	return calls
}

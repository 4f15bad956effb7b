package feed

import (
	"encoding/json"
	"encoding/xml"
	"net/http"

	"example.com/onboarding/statemachine/dev/local"
)

// fromCall returns what a call tells, and the ARN of the execution that it started or
// redrove; nil and nothing, mostly.
func fromCall(c local.Call) (event *Event, arn string) {
	if read := readers[c.Service+" "+c.Action]; read != nil {
		return read(c)
	}
	if mail, ok := local.MailOf(c); ok {
		var answer struct {
			ID string `xml:"SendEmailResult>MessageId"`
		}
		xml.Unmarshal(c.Response, &answer) //nolint:errcheck // a refusal has no ID
		return &Event{
			Kind: Mailed, Time: c.Time, Mail: &mail, MessageID: answer.ID, Error: failure(c).name(), Message: failure(c).Message,
		}, ""
	}
	return nil, ""
}

// readers say what calls tell, by service and action.
var readers = map[string]func(local.Call) (*Event, string){
	"cognito-idp SignUp":             signedUp,
	"cognito-idp ConfirmSignUp":      confirmed,
	"cognito-idp AdminConfirmSignUp": confirmed,
	"states StartExecution":          func(c local.Call) (*Event, string) { return nil, body(c, c.Response).ExecutionARN },
	"states RedriveExecution":        redriven,
	"events PutEvents":               put,
	"lambda Invoke":                  receipt,
}

// members are those of requests and answers that are read.
type members struct {
	Username     string
	UserSub      string
	ExecutionARN string `json:"executionArn"`
	Entries      []struct{ Source, DetailType, Detail string }
}

// body decodes a request or an answer of a call that succeeded; empty if it did not.
func body(c local.Call, text []byte) members {
	var m members
	if c.Status != http.StatusOK || json.Unmarshal(text, &m) != nil {
		return members{}
	}
	return m
}

func signedUp(c local.Call) (*Event, string) {
	if c.Status != http.StatusOK {
		return nil, ""
	}
	return &Event{Kind: SignedUp, Time: c.Time, User: body(c, c.Response).UserSub, Username: body(c, c.Body).Username}, ""
}

func confirmed(c local.Call) (*Event, string) {
	var m members
	if c.Decode(&m) != nil {
		return nil, ""
	}
	f := failure(c)
	return &Event{
		Kind: Confirmed, Time: c.Time.Add(c.Duration), Duration: c.Duration, Username: m.Username,
		Error: f.name(), Message: f.Message,
	}, ""
}

func redriven(c local.Call) (*Event, string) {
	return nil, body(c, c.Body).ExecutionARN // the history tells of it
}

// put tells of the first entry: what is put here has one.
func put(c local.Call) (*Event, string) {
	entries := body(c, c.Body).Entries
	if len(entries) == 0 {
		return nil, ""
	}
	e := entries[0]
	return &Event{Kind: Put, Time: c.Time, Source: e.Source, DetailType: e.DetailType, Message: e.Detail}, ""
}

// answer is that of a call that failed.
type answer struct {
	status  int
	Type    string `json:"__type"`
	Message string `json:"message"`
}

func failure(c local.Call) answer {
	a := answer{status: c.Status}
	if c.Status == http.StatusOK || json.Unmarshal(c.Response, &a) == nil {
		return a
	}
	var query struct { // SES answers XML
		Error struct{ Code, Message string }
	}
	if xml.Unmarshal(c.Response, &query) == nil {
		a.Type, a.Message = query.Error.Code, query.Error.Message
	}
	return a
}

// name is that of the error; empty if the call succeeded.
func (a answer) name() string {
	if a.status == http.StatusOK || a.Type != "" {
		return a.Type
	}
	return http.StatusText(a.status)
}

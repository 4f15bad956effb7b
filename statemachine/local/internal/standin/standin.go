// Package standin has stand-ins for the calls that an onboarding makes of Cognito,
// SES, DynamoDB and EventBridge, for load that moto is too slow for: it takes 3 to 4
// ms for each of them, and keeps all that it is sent. DynamoDB is a library, minidyn;
// of the others there is just what an onboarding needs. All other calls go to moto,
// and those that set pools, tables and functions up do.
//
// A Server, in a process of its own, keeps the state: users and items. A Router
// beside the gateway keeps none.
package standin

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"

	"github.com/truora/minidyn/server"

	"example.com/onboarding/statemachine/local/internal/gateway"
	"example.com/onboarding/statemachine/local/internal/uuid"
)

// Server answers the calls. It implements http.Handler.
type Server struct {
	users  *users
	tables http.Handler
}

// NewServer returns a server without users and tables.
func NewServer() *Server { return &Server{users: newUsers(), tables: server.NewServer()} }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := callOf(r)
	switch call.Service {
	case "cognito-idp":
		s.users.serve(w, call)
	case "dynamodb":
		s.tables.ServeHTTP(w, r)
	case "ses":
		sendEmail(w)
	case "events":
		putEvents(w, call)
	default:
		refuse(w, "UnknownOperationException", "the stand-in does not know "+call.Action)
	}
}

// callOf tells what the request calls, and leaves it its body.
func callOf(r *http.Request) gateway.Call {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return gateway.Call{}
	}
	return gateway.NewCall(r, body)
}

// sendEmail takes any mail, and forgets it.
func sendEmail(w http.ResponseWriter) {
	type result struct {
		XMLName   xml.Name `xml:"http://ses.amazonaws.com/doc/2010-12-01/ SendEmailResponse"`
		MessageID string   `xml:"SendEmailResult>MessageId"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}
	w.Header().Set("Content-Type", "text/xml")
	xml.NewEncoder(w).Encode(result{MessageID: uuid.New(), RequestID: uuid.New()}) //nolint:errcheck // the caller may be gone
}

// putEvents takes any events, and forgets them.
func putEvents(w http.ResponseWriter, call gateway.Call) {
	var in struct{ Entries []struct{} }
	if err := call.Decode(&in); err != nil {
		refuse(w, "SerializationException", "the request is no JSON object")
		return
	}
	entries := []map[string]string{}
	for range in.Entries {
		entries = append(entries, map[string]string{"EventId": uuid.New()})
	}
	answer(w, map[string]any{"FailedEntryCount": 0, "Entries": entries})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	json.NewEncoder(w).Encode(v) //nolint:errcheck,errchkjson // the caller may be gone
}

func refuse(w http.ResponseWriter, code, message string) {
	gateway.BadRequest(code, message).ServeHTTP(w, nil)
}

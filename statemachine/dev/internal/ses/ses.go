// Package ses plays the parts of SES that the backend lacks. It publishes to EventBridge
// what becomes of a mail that names a configuration set, the addresses of the mailbox
// simulator included; and of version 2 of the API it answers the state of the account,
// and whether an identity is verified.
package ses

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"example.com/onboarding/statemachine/dev/internal/gateway"
	"example.com/onboarding/statemachine/dev/internal/hooks"
)

const (
	accountPath    = "/v2/email/account"
	identitiesPath = "/v2/email/identities/"
)

// account is what GetAccount answers. The backend delivers to any address, never
// refuses, and has no quota, which is what -1 stands for
// (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendQuota.html).
const account = `{"ProductionAccessEnabled": true, "SendingEnabled": true, "EnforcementStatus": "HEALTHY",
"SendQuota": {"Max24HourSend": -1, "MaxSendRate": 14, "SentLast24Hours": 0}}
`

// SES is the http.Handler of SES, around the backend.
type SES struct {
	// Sets tells the event destinations of configuration sets, and Bus takes the events.
	// Both are the backend's own, whose calls pass no gateway.
	Sets *sesv2.Client
	Bus  *eventbridge.Client
	// Region and Account are in the ARNs of events.
	Region, Account string
	// Report is told of events that could not be published.
	Report func(error)

	backend http.Handler

	ctx     context.Context //nolint:containedctx // it ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup

	outcomes hooks.Hooks[Outcomes]

	mu sync.Mutex // of running: none begins once ctx has ended
}

// Around returns SES around the backend, which gets all other calls. Close ends it.
func Around(backend http.Handler) *SES {
	ctx, cancel := context.WithCancel(context.Background())
	return &SES{backend: backend, Report: func(error) {}, ctx: ctx, cancel: cancel}
}

// Close publishes no further events, and waits for those that are under way.
func (s *SES) Close() {
	s.mu.Lock()
	s.cancel()
	s.mu.Unlock()
	s.running.Wait()
}

// ServeHTTP implements http.Handler.
func (s *SES) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/" && gateway.NewCall(r, nil).Service == "ses":
		s.call(w, r)
	case r.Method == http.MethodGet && r.URL.Path == accountPath:
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(account)) //nolint:errcheck // the caller may be gone
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, identitiesPath):
		s.getIdentity(w, r)
	default:
		s.backend.ServeHTTP(w, r)
	}
}

// getIdentity adds to an identity that it is verified, and signs by DKIM. The backend takes each for
// verified as soon as it is made, and sends from it, but says so in
// VerificationStatus only.
func (s *SES) getIdentity(w http.ResponseWriter, r *http.Request) {
	held := new(gateway.HeldResponse)
	s.backend.ServeHTTP(held, r)
	var identity map[string]any
	if held.Status == http.StatusOK && json.Unmarshal(held.Body.Bytes(), &identity) == nil && identity["VerificationStatus"] == "SUCCESS" {
		identity["VerifiedForSendingStatus"] = true
		identity["DkimAttributes"] = map[string]any{"SigningEnabled": true, "Status": "SUCCESS"}
		if text, err := json.Marshal(identity); err == nil {
			held.Body = *bytes.NewBuffer(text)
			held.Header().Del("Content-Length")
		}
	}
	held.SendTo(w)
}

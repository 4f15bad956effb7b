// Package ses answers what the backend's SES lacks of version 2 of the API: the
// state of the account, and whether an identity is verified.
package ses

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"example.com/onboarding/statemachine/dev/internal/gateway"
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

// Around returns SES around the backend, which gets all other calls.
func Around(backend http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet:
			backend.ServeHTTP(w, r)
		case r.URL.Path == accountPath:
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(account)) //nolint:errcheck // the caller may be gone
		case strings.HasPrefix(r.URL.Path, identitiesPath):
			getIdentity(backend, w, r)
		default:
			backend.ServeHTTP(w, r)
		}
	})
}

// getIdentity adds to an identity that it is verified, and signs by DKIM. The backend takes each for
// verified as soon as it is made, and sends from it, but says so in
// VerificationStatus only.
func getIdentity(backend http.Handler, w http.ResponseWriter, r *http.Request) {
	held := new(gateway.HeldResponse)
	backend.ServeHTTP(held, r)
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

package ses

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

// call answers a call of version 1 of the API, and publishes what becomes of a mail.
func (s *SES) call(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "read request: "+err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	mail, sends := mailOf(gateway.NewCall(r, body))
	if !sends || mail.ConfigurationSet == "" {
		s.backend.ServeHTTP(w, r)
		return
	}
	if refusal := mail.refused(); refusal != nil {
		refusal.ServeHTTP(w, r)
		return
	}
	published, refusal := s.published(r, mail.ConfigurationSet)
	if refusal != nil {
		refusal.ServeHTTP(w, r)
		return
	}
	held := new(gateway.HeldResponse)
	s.backend.ServeHTTP(held, r)
	if held.Status == http.StatusOK {
		mail.ID = messageID(held.Body.Bytes())
		s.publish(mail, eventsOf(mail, s.Region, s.Account, published))
	}
	held.SendTo(w)
}

// published returns the types of event that the configuration set gives to EventBridge.
func (s *SES) published(r *http.Request, set string) (map[types.EventType]bool, http.Handler) {
	out, err := s.Sets.GetConfigurationSetEventDestinations(r.Context(), &sesv2.GetConfigurationSetEventDestinationsInput{ConfigurationSetName: &set})
	if _, missing := errors.AsType[*types.NotFoundException](err); missing {
		return nil, &gateway.QueryError{
			Status: http.StatusBadRequest, Code: "ConfigurationSetDoesNotExist", Message: "Configuration set <" + set + "> does not exist.",
		}
	}
	if err != nil {
		return nil, &gateway.QueryError{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
	}
	published := make(map[types.EventType]bool)
	for _, d := range out.EventDestinations {
		for _, t := range d.MatchingEventTypes {
			if d.Enabled && d.EventBridgeDestination != nil && aws.ToString(d.EventBridgeDestination.EventBusArn) != "" {
				published[t] = true
			}
		}
	}
	return published, nil
}

// tagText is what names and values of message tags may be
// (https://docs.aws.amazon.com/ses/latest/APIReference/API_MessageTag.html).
var tagText = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// refused returns SES's answer to a mail that it does not take, or nil.
func (m Mail) refused() http.Handler {
	for name, values := range m.Tags {
		for _, value := range values {
			if !tagText.MatchString(name) || !tagText.MatchString(value) {
				return &gateway.QueryError{
					Status: http.StatusBadRequest, Code: "InvalidParameterValue",
					Message: "Tag names and values must have 1 to 255 ASCII letters, digits, underscores and dashes.",
				}
			}
		}
	}
	return nil
}

// messageID reads the answer of SendEmail or SendRawEmail.
func messageID(answer []byte) string {
	var sent struct {
		Result struct {
			MessageID string `xml:"MessageId"`
		} `xml:",any"`
	}
	if xml.Unmarshal(answer, &sent) != nil {
		return ""
	}
	return sent.Result.MessageID
}

package onboard

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"example.com/onboarding/statemachine"
)

// maxMetadataValue is the length in characters that a metadata value is cut to.
const maxMetadataValue = 256

// Event is an event of a trigger of the pool, as far as a start needs it.
type Event struct {
	TriggerSource string `json:"triggerSource"`
	UserPoolID    string `json:"userPoolId"`
	Username      string `json:"userName"`
	CallerContext struct {
		ClientID string `json:"clientId"`
	} `json:"callerContext"`
	Request struct {
		UserAttributes struct {
			Sub        string `json:"sub"`
			Status     string `json:"cognito:user_status"`
			Identities string `json:"identities"`
		} `json:"userAttributes"`
		ClientMetadata map[string]string `json:"clientMetadata"`
	} `json:"request"`
}

// Federated reports whether Cognito knows the user by the username only. Without a
// status, whoever has identities is taken for one: a local user is found by the
// username too, and a federated one by the sub is not.
func (e Event) Federated() bool {
	user := e.Request.UserAttributes
	return user.Status == statemachine.ExternalProvider || user.Status == "" && user.Identities != ""
}

// ParseEvent reads an event. A member of an unexpected type counts as missing and
// spoils nothing else, because json.Unmarshal goes on after it: AWS's own test event
// has a boolean where real events have a string.
func ParseEvent(payload []byte) (Event, error) {
	var e Event
	err := json.Unmarshal(payload, &e)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return e, nil
	}
	if err != nil {
		return Event{}, errors.New("the event is not a JSON object")
	}
	return e, nil
}

// input returns the input of the execution that onboards the event's user, with
// the metadata of the allowed keys.
func (e Event) input(metadataKeys []string) (statemachine.Input, error) {
	switch "" {
	case e.UserPoolID:
		return statemachine.Input{}, errors.New("the event has no userPoolId")
	case e.Username:
		return statemachine.Input{}, errors.New("the event has no userName")
	}
	in := statemachine.Input{
		UserPoolID: e.UserPoolID,
		Username:   e.Username,
		Sub:        e.Request.UserAttributes.Sub,
		ClientID:   e.CallerContext.ClientID,
		Metadata:   metadata(e.Request.ClientMetadata, metadataKeys),
	}
	if e.Federated() {
		return in, nil
	}
	return in.NamedBySub(), nil
}

// MetadataKeys reads the parameter MetadataKeys: keys with commas between them.
func MetadataKeys(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// metadata returns the allowed members, cut to length. One with an at sign is left
// out: it is likely a mail address, and execution history cannot be made to forget it.
func metadata(from map[string]string, keys []string) map[string]string {
	m := make(map[string]string)
	for _, key := range keys {
		if value := from[key]; value != "" && !hasAtSign(value) {
			m[key] = Cut(value, maxMetadataValue)
		}
	}
	return m
}

func hasAtSign(s string) bool {
	return strings.Contains(s, "@") || strings.Contains(s, "%40")
}

// Cut returns the first n characters of s.
func Cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

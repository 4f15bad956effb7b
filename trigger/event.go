package main

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"example.com/onboarding/statemachine"
)

// confirmSignUp is the one trigger source that means a new user. The other one
// that Cognito documents, PostConfirmation_ConfirmForgotPassword, is a password
// reset
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html).
const confirmSignUp = "PostConfirmation_ConfirmSignUp"

// maxMetadataValue is the length in characters that a metadata value is cut to.
const maxMetadataValue = 256

// event is a PostConfirmation event, as far as the trigger needs it.
type event struct {
	TriggerSource string `json:"triggerSource"`
	UserPoolID    string `json:"userPoolId"`
	Username      string `json:"userName"`
	CallerContext struct {
		ClientID string `json:"clientId"`
	} `json:"callerContext"`
	Request struct {
		UserAttributes struct {
			Sub        string `json:"sub"`
			Identities string `json:"identities"`
		} `json:"userAttributes"`
		ClientMetadata map[string]string `json:"clientMetadata"`
	} `json:"request"`
}

// parseEvent reads an event. A member of an unexpected type counts as missing and
// spoils nothing else, because json.Unmarshal goes on after it: AWS's own test event
// has a boolean where real events have a string.
func parseEvent(payload []byte) (event, error) {
	var e event
	err := json.Unmarshal(payload, &e)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return e, nil
	}
	if err != nil {
		return event{}, errors.New("the event is not a JSON object")
	}
	return e, nil
}

// input returns the input of the execution that onboards the event's user, with
// the metadata of the allowed keys.
func (e event) input(metadataKeys []string) (statemachine.Input, error) {
	switch "" {
	case e.UserPoolID:
		return statemachine.Input{}, errors.New("the event has no userPoolId")
	case e.Username:
		return statemachine.Input{}, errors.New("the event has no userName")
	}
	attributes := e.Request.UserAttributes
	in := statemachine.Input{
		UserPoolID: e.UserPoolID,
		Username:   e.Username,
		Sub:        attributes.Sub,
		ClientID:   e.CallerContext.ClientID,
		Metadata:   metadata(e.Request.ClientMetadata, metadataKeys),
	}
	return in.WithoutAddress(attributes.Identities != ""), nil
}

// metadata returns the allowed members, cut to length. One with an at sign is left
// out: it is likely a mail address, and execution history cannot be made to forget it.
func metadata(from map[string]string, keys []string) map[string]string {
	m := make(map[string]string)
	for _, key := range keys {
		if value := from[key]; value != "" && !hasAtSign(value) {
			m[key] = cut(value, maxMetadataValue)
		}
	}
	return m
}

func hasAtSign(s string) bool {
	return strings.Contains(s, "@") || strings.Contains(s, "%40")
}

// cut returns the first n characters of s.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// object is a JSON object whose members are decoded one by one, so that a
// member of an unexpected type, or one that Cognito adds one day, spoils nothing
// else. AWS's own test event has a boolean where real events have a string.
type object map[string]json.RawMessage

func (o object) str(key string) string {
	var s string
	if json.Unmarshal(o[key], &s) != nil {
		return ""
	}
	return s
}

func (o object) object(key string) object {
	var m object
	if json.Unmarshal(o[key], &m) != nil {
		return nil
	}
	return m
}

// event is a PostConfirmation event, as far as the trigger needs it.
type event struct{ object }

func parseEvent(payload []byte) (event, error) {
	var e event
	if err := json.Unmarshal(payload, &e.object); err != nil {
		return event{}, errors.New("the event is not a JSON object")
	}
	return e, nil
}

func (e event) triggerSource() string { return e.str("triggerSource") }

// input returns the input of the execution that onboards the event's user, with
// the metadata of the allowed keys.
func (e event) input(metadataKeys []string) (statemachine.Input, error) {
	request := e.object.object("request")
	attributes := request.object("userAttributes")
	in := statemachine.Input{
		UserPoolID: e.str("userPoolId"),
		Username:   e.str("userName"),
		Sub:        attributes.str("sub"),
		ClientID:   e.object.object("callerContext").str("clientId"),
		Metadata:   metadata(request.object("clientMetadata"), metadataKeys),
	}
	for key, value := range map[string]string{"userPoolId": in.UserPoolID, "userName": in.Username} {
		if value == "" {
			return statemachine.Input{}, fmt.Errorf("the event has no %s", key)
		}
	}
	return in.WithoutAddress(attributes.str("identities") != ""), nil
}

// metadata returns the allowed members that are text, cut to length. One with an
// at sign is left out: it is likely a mail address, and execution history cannot
// be made to forget it.
func metadata(from object, keys []string) map[string]string {
	m := make(map[string]string)
	for key := range from {
		value := from.str(key)
		if value == "" || !slices.Contains(keys, key) || hasAtSign(value) {
			continue
		}
		m[key] = cut(value, maxMetadataValue)
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

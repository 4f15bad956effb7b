package firsttoken

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/onboarding/statemachine"
)

// event is a Pre Token Generation event, as far as the groups need it.
type event struct {
	Version       string `json:"version"`
	TriggerSource string `json:"triggerSource"`
	UserPoolID    string `json:"userPoolId"`
	Username      string `json:"userName"`
	Request       struct {
		UserAttributes     map[string]string `json:"userAttributes"`
		GroupConfiguration json.RawMessage   `json:"groupConfiguration"`
	} `json:"request"`

	configuration struct {
		Groups []string `json:"groupsToOverride"`
	}
}

// parse reads an event. It is not ok to be changed when it does not say for which user
// it is, or which groups the user has. Any other member of an unexpected type counts as
// missing.
func parse(payload []byte) (e event, ok bool) {
	if err := json.Unmarshal(payload, &e); err != nil {
		if _, wrongType := errors.AsType[*json.UnmarshalTypeError](err); !wrongType {
			return event{}, false
		}
	}
	if !strings.HasPrefix(e.TriggerSource, "TokenGeneration_") || e.UserPoolID == "" || e.Username == "" {
		return event{}, false
	}
	return e, json.Unmarshal(e.Request.GroupConfiguration, &e.configuration) == nil
}

// user names the user as the trigger of the confirmation does.
func (e event) user() statemachine.Input {
	return statemachine.Input{UserPoolID: e.UserPoolID, Username: e.Username, Sub: e.Request.UserAttributes["sub"]}
}

// lacks reports whether the user has not all of the wanted groups, and no other one. The
// group that Cognito itself puts the users of an identity provider in does not count;
// its name begins with the pool's ID
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html).
func (e event) lacks(wanted []string) bool {
	has := e.configuration.Groups
	if slices.ContainsFunc(has, func(name string) bool {
		return !strings.HasPrefix(name, e.UserPoolID+"_") && !slices.Contains(wanted, name)
	}) {
		return false
	}
	return slices.ContainsFunc(wanted, func(name string) bool { return !slices.Contains(has, name) })
}

// with returns the event with these groups in its response.
func (e event) with(payload []byte, groups []string) ([]byte, error) {
	details, err := set(e.Request.GroupConfiguration, marshal(groups), "groupsToOverride")
	if err != nil {
		return nil, err
	}
	claims := "claimsOverrideDetails"
	if strings.HasPrefix(e.Version, "2") || strings.HasPrefix(e.Version, "3") {
		claims = "claimsAndScopeOverrideDetails"
	}
	return set(payload, details, "response", claims, "groupOverrideDetails")
}

// set returns an object with the value at the path of names, and everything else byte
// for byte. What is missing on the path, or is no object, is made.
func set(object, value []byte, path ...string) ([]byte, error) {
	if len(path) == 0 {
		return value, nil
	}
	if !bytes.HasPrefix(bytes.TrimLeft(object, " \t\r\n"), []byte("{")) {
		object = []byte("{}")
	}
	m, err := find(object, path[0])
	if err != nil {
		return nil, err
	}
	changed, err := set(object[m.begin:m.end], value, path[1:]...)
	if err != nil {
		return nil, err
	}
	return slices.Concat(object[:m.begin], []byte(m.before), changed, []byte(m.after), object[m.end:]), nil
}

// member is where the value of a member is in an object, or is to be.
type member struct {
	begin, end    int
	before, after string
}

func find(object []byte, name string) (member, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return member{}, fmt.Errorf("begin of an object: %w", err)
	}
	at := int(decoder.InputOffset())
	m := member{begin: at, end: at, before: `"` + name + `":`}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return member{}, fmt.Errorf("name of a member: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return member{}, fmt.Errorf("value of a member: %w", err)
		}
		if key == name { // the last one counts, as for everybody who decodes it
			end := int(decoder.InputOffset())
			m = member{begin: end - len(value), end: end}
		} else if m.before != "" {
			m.after = ","
		}
	}
	return m, nil
}

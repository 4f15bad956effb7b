// Package statemachine is the contract of the onboarding workflow: the
// definition that Step Functions runs, the input an execution is started with,
// what each task is given and returns, and the errors the definition matches by
// name. The trigger, the steps, the tests and the tools all import it; it
// imports nothing but the standard library.
package statemachine

import (
	"crypto/sha256"
	"encoding/hex"
)

// Input is the input of one execution: which user was confirmed, and where.
//
// It holds identifiers only. Execution history keeps the input for 90 days and
// nothing can delete it, so no mail address, name or other attribute is in it; a
// step that needs one reads it from Cognito when it runs.
//
// The same Cognito event always gives the same Input, byte for byte once it is
// marshalled: StartExecution takes a repeated name for the same call only when
// the input is equal too
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
type Input struct {
	UserPoolID string `json:"userPoolId"`
	Username   string `json:"username"`
	// Sub is the user's immutable ID in the pool, a UUID. Empty when the event
	// named none.
	Sub      string `json:"sub"`
	ClientID string `json:"clientId"`
	// Metadata is what the app client sent along, reduced to the keys that the
	// template allows. The client chooses the values: they describe a user, and
	// never authorize one.
	Metadata map[string]string `json:"metadata"`
}

// UserKey names the user wherever something is kept: the sub when it is a UUID, or
// else the hex SHA-256 of pool ID and username.
func (in Input) UserKey() string {
	if isUUID(in.Sub) {
		return in.Sub
	}
	// A pool ID has no slash, so no two users share the hashed text.
	sum := sha256.Sum256([]byte(in.UserPoolID + "/" + in.Username))
	return hex.EncodeToString(sum[:])
}

// ExecutionName is the name of the execution that onboards this user, for a cause. The
// first execution has none, and is named after the user alone. One that is started
// again has the name that belongs to its cause, such as an execution that stopped for
// good: whoever finds the same cause reaches the same name.
//
// It depends on nothing else, because Cognito may deliver a confirmation more than
// once and Step Functions refuses a second execution of the same name for 90 days.
// All forms are within the 80 characters and the safe set (0-9 A-Z a-z - _) of an
// execution name.
func (in Input) ExecutionName(cause string) string {
	if cause == "" {
		return in.UserKey()
	}
	sum := sha256.Sum256([]byte(cause))
	return in.UserKey() + "_" + hex.EncodeToString(sum[:causeBytes])
}

// causeBytes leaves the longest name below 80 characters.
const causeBytes = 6

// ExternalProvider is the status of a federated user: one who is known to the pool
// through an identity provider only. Such a user is not NamedBySub. A local user who
// is linked to a provider has another status, although the attribute identities is
// there as well
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html).
const ExternalProvider = "EXTERNAL_PROVIDER"

// NamedBySub returns the input of a local user with the sub as the username, which
// may be an address, a telephone number or a name. Cognito's API takes the sub for
// it, but only that of a local user
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html).
// Without a usable sub the input stays as it is.
func (in Input) NamedBySub() Input {
	if isUUID(in.Sub) {
		in.Username = in.Sub
	}
	return in
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
			continue
		}
		if !isHex(c) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

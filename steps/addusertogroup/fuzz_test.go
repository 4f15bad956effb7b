package main

import (
	"context"
	"testing"

	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/steps/internal/steptest"
)

// fuzzedGroups is a Cognito that answers each group change with the failure.
type fuzzedGroups struct{ failure error }

func (f fuzzedGroups) AdminAddUserToGroup(context.Context, *cognito.AdminAddUserToGroupInput, ...func(*cognito.Options)) (*cognito.AdminAddUserToGroupOutput, error) {
	return &cognito.AdminAddUserToGroupOutput{}, f.failure
}

// FuzzAddUserToGroup hands the step any payload, with any answer of Cognito.
func FuzzAddUserToGroup(f *testing.F) {
	for i, payload := range steptest.Seeds() {
		f.Add([]byte(payload), uint8(i))
	}
	f.Fuzz(func(t *testing.T, payload []byte, failure uint8) {
		s := &AddUserToGroup{Users: fuzzedGroups{steptest.Failure(failure)}, Group: "members"}
		steptest.CheckInvoke(t, s.Handle, payload)
	})
}

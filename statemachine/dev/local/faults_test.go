package local_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/dev/local"
)

func jsonError(status int, code string) http.Handler {
	return &local.APIError{Status: status, Code: code, Message: "planted"}
}

func mailError(status int, code string) http.Handler {
	return &local.QueryError{Status: status, Code: code, Message: "planted"}
}

// dailyQuota is SES's answer when it takes no more mails today.
var dailyQuota = &local.QueryError{Status: 400, Code: "Throttling", Message: "Daily message quota exceeded."}

func attribute(name, value string) []types.AttributeType {
	return []types.AttributeType{{Name: aws.String(name), Value: aws.String(value)}}
}

// isTask reports whether the call hands a task about the user to a function.
func (u user) isTask(c local.Call) bool {
	return c.Service == "lambda" && u.isIn(c) && strings.Contains(string(c.Body), "executionName")
}

// deleteBefore deletes the user when the task of the state is about to start.
func deleteBefore(t *testing.T, aws *local.AWS, u user, state string) {
	t.Helper()
	var once sync.Once
	t.Cleanup(aws.AddFault(func(c local.Call) http.Handler {
		if u.isAt(c, state+" Invoke") {
			once.Do(func() {
				_, err := cognito(aws).AdminDeleteUser(t.Context(), &cognitoidentityprovider.AdminDeleteUserInput{
					UserPoolId: &aws.Stack.UserPoolID, Username: &u.username,
				})
				if err != nil {
					t.Errorf("delete user: %v", err)
				}
			})
		}
		return nil
	}))
}

package doctor

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

func TestPoolThatMailsThroughCognito(t *testing.T) {
	for _, test := range []struct {
		name, existing string
		sends          *types.EmailConfigurationType
		want           string
	}{
		{"SES", "", &types.EmailConfigurationType{EmailSendingAccount: types.EmailSendingAccountTypeDeveloper}, ""},
		{"Cognito", "", &types.EmailConfigurationType{EmailSendingAccount: types.EmailSendingAccountTypeCognitoDefault}, "deploy with PoolMailIdentity"},
		{"nothing said", "", nil, "deploy with PoolMailIdentity"},
		{"an existing pool", opstest.PoolID, nil, "https://us-east-1.console.aws.amazon.com/cognito/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := healthyStack()
			k.parameters["ExistingUserPoolId"] = test.existing
			found, err := checkPoolMail(k, describes(&types.UserPoolType{EmailConfiguration: test.sends}, nil))
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.Contains(got, test.want) || got != "" && found[0].Verdict != Warning {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	for _, code := range []string{"ResourceNotFoundException", "AccessDeniedException"} {
		if found, err := checkPoolMail(healthyStack(), describes(nil, opstest.APIError(code))); err == nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", code, found, err)
		}
	}
}

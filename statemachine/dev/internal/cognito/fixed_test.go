package cognito_test

import (
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine/dev/internal/cognito"
	"example.com/onboarding/statemachine/dev/internal/gateway"
)

func TestFixedSettingsAreSentAlong(t *testing.T) {
	f := newFake()
	f.Fixed = map[string]any{"UsernameAttributes": []string{"email"}, "UsernameConfiguration": map[string]bool{"CaseSensitive": false}}
	tests := []struct{ name, action, body, want string }{
		{
			"update", "UpdateUserPool", `{"UserPoolId":"eu-west-1_members","MfaConfiguration":"OFF"}`,
			`{"MfaConfiguration":"OFF","UserPoolId":"eu-west-1_members","UsernameAttributes":["email"],"UsernameConfiguration":{"CaseSensitive":false}}`,
		},
		{
			"update that would change them", "UpdateUserPool", `{"UserPoolId":"eu-west-1_members","AliasAttributes":["phone_number"],"UsernameAttributes":[]}`,
			`{"UserPoolId":"eu-west-1_members","UsernameAttributes":["email"],"UsernameConfiguration":{"CaseSensitive":false}}`,
		},
		{"another call", "DeleteUserPool", `{"UserPoolId":"eu-west-1_members"}`, `{"UserPoolId":"eu-west-1_members"}`},
		{"unknown pool", "UpdateUserPool", `{"UserPoolId":"eu-west-1_nowhere"}`, `{"UserPoolId":"eu-west-1_nowhere"}`},
		{"no JSON", "UpdateUserPool", `UserPoolId`, `UserPoolId`},
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	fixed := &cognito.Fixed{Backend: cognitoidentityprovider.NewFromConfig(config(server.URL))}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := fixed.Complete(t.Context(), gateway.Call{Service: "cognito-idp", Action: tt.action, Body: []byte(tt.body)})
			if err != nil || string(got) != tt.want {
				t.Errorf("Complete %s %s = %s, %v; want %s", tt.action, tt.body, got, err, tt.want)
			}
		})
	}
}

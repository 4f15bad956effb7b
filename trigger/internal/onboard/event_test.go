package onboard

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"example.com/onboarding/statemachine"
)

func inputOf(t *testing.T, payload string, keys ...string) statemachine.Input {
	t.Helper()
	e, err := ParseEvent([]byte(payload))
	if err != nil {
		t.Fatalf("parse %s: %v", payload, err)
	}
	in, err := e.input(keys)
	if err != nil {
		t.Fatalf("input of %s: %v", payload, err)
	}
	return in
}

func TestMembersOfUnexpectedTypesSpoilNothingElse(t *testing.T) {
	in := inputOf(t, `{"userPoolId":"p_1","userName":"u","callerContext":[],"request":{"userAttributes":{"sub":7,"email_verified":true},"clientMetadata":"x"}}`, "campaign")
	want := statemachine.Input{UserPoolID: "p_1", Username: "u", Metadata: map[string]string{}}
	if got, want := marshal(t, in), marshal(t, want); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestExecutionOfAFederatedUserIsNamedBySub(t *testing.T) {
	in := inputOf(t, string(readFile(t, "../../testdata/federated.json")))
	if in.Username != "Google_112233445566778899000" {
		t.Errorf("username %s", in.Username)
	}
	if got, want := in.UserKey(), "7d9e1f20-4a5b-4c6d-8e7f-0a1b2c3d4e5f"; got != want {
		t.Errorf("execution name %s, want %s", got, want)
	}
}

func TestLocalUsersAreNamedBySubAndFederatedOnesByUsername(t *testing.T) {
	const sub = "7d9e1f20-4a5b-4c6d-8e7f-0a1b2c3d4e5f"
	const confirmed, external = `"cognito:user_status":"CONFIRMED"`, `"cognito:user_status":"EXTERNAL_PROVIDER"`
	for _, test := range []struct{ name, username, attributes, want string }{
		{"address", "jane@example.com", confirmed, sub},
		{"telephone number", "+4930123456", confirmed, sub},
		{"chosen name", "jane", confirmed, sub},
		{"linked to a provider", "jane", confirmed + `,"identities":"[{}]"`, sub},
		{"federated user", "corp_jane@example.com", external + `,"identities":"[{}]"`, "corp_jane@example.com"},
		{"federated user without identities", "Google_123", external, "Google_123"},
		{"no status", "jane", `"name":"Jane"`, sub},
		{"no status, perhaps federated", "Google_123", `"identities":"[{}]"`, "Google_123"},
		{"no sub", "jane@example.com", confirmed + `,"sub":""`, "jane@example.com"},
		{"unusable sub", "jane@example.com", confirmed + `,"sub":"1"`, "jane@example.com"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := inputOf(t, `{"userPoolId":"p_1","userName":"`+test.username+`","request":{"userAttributes":{"sub":"`+sub+`",`+test.attributes+`}}}`)
			if in.Username != test.want {
				t.Errorf("username %s, want %s", in.Username, test.want)
			}
		})
	}
}

func TestMetadataIsReducedToTheAllowList(t *testing.T) {
	long := strings.Repeat("ñ", 300)
	in := inputOf(t, `{"userPoolId":"p_1","userName":"u","request":{"clientMetadata":{
		"campaign":"spring","coupon":"secret","number":7,"empty":"","long":"`+long+`",
		"referrer":"https://example.com/?mail=jane@example.com","escaped":"jane%40example.com"}}}`,
		"campaign", "number", "empty", "long", "referrer", "escaped", "absent")
	want := map[string]string{"campaign": "spring", "long": long[:2*256]}
	if !maps.Equal(in.Metadata, want) {
		t.Errorf("got %v, want %v", in.Metadata, want)
	}
}

func TestSameEventGivesSameInput(t *testing.T) {
	event := string(readFile(t, "../../testdata/confirm_sign_up.json"))
	first := marshal(t, inputOf(t, event, "campaign", "locale"))
	for range 20 {
		if again := marshal(t, inputOf(t, event, "locale", "campaign")); again != first {
			t.Fatalf("got %s after %s", again, first)
		}
	}
}

func TestInputHasNoAttribute(t *testing.T) {
	input := marshal(t, inputOf(t, string(readFile(t, "../../testdata/confirm_sign_up.json")), "campaign"))
	for _, secret := range []string{"jane@", "Jane", "Doe"} {
		if strings.Contains(input, secret) {
			t.Errorf("input has %q: %s", secret, input)
		}
	}
}

func readFile(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

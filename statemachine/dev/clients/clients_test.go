// Package clients tries the local AWS with what apps call Cognito with: one script a
// client, which all tell the same of the same steps.
package clients

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/dev/local"
)

// steps are what each script does, in this order, and what comes of it: the name of an
// error, or what the step returns. A token is compared by its claims.
var steps = []struct{ step, result string }{
	{"sign up", "ok"},
	{"sign up again", "UsernameExistsException"},
	{"resend", "a***@e***"},
	{"wrong code", "CodeMismatchException"},
	{"confirm", "ok"},
	{"wrong password", "NotAuthorizedException"},
	{"unknown user", "NotAuthorizedException"},
	{"sign in", "token"},
	{"refresh", "token"},
	{"missing operation", "UnknownOperationException"},
	{"revoke", "ok"},
	{"revoked", "NotAuthorizedException"},
	{"delete", "ok"},
	{"deleted", "NotAuthorizedException"},
}

func TestClients(t *testing.T) {
	if os.Getenv("CLIENT_TESTS") == "" { //nolint:forbidigo // a test has no main.go
		t.Skip("needs the clients: make test-clients runs it")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	tools := filepath.Join(root, ".tools", "clients")
	jars := filepath.Join(tools, "java", "*")
	a, err := local.Start(t.Context(), local.Options{Root: root, Build: filepath.Join(root, ".local", "clients")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	byPassword := clientWithPasswords(t, a)
	for name, c := range map[string]struct {
		command []string
		client  string
		lacks   string
	}{
		"AWS CLI":                    {[]string{"./cli.sh"}, byPassword, ""},
		"boto3 and pycognito":        {[]string{filepath.Join(tools+"-python", "bin", "python"), "sdk.py"}, a.Stack.ClientID, ""},
		"AWS SDK for JavaScript":     {[]string{"node", "sdk.mjs"}, byPassword, ""},
		"amazon-cognito-identity-js": {[]string{"node", "identity.mjs"}, a.Stack.ClientID, ""},
		"Amplify":                    {[]string{"node", "amplify.mjs"}, a.Stack.ClientID, "revoked"},
		"AWS SDK for Java":           {[]string{"java", "-cp", jars, "Sdk.java"}, byPassword, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			email := "a-" + strings.ToLower(strings.ReplaceAll(name, " ", "-")) + "@example.com"
			cmd := exec.CommandContext(t.Context(), c.command[0], c.command[1:]...)
			cmd.Env = append(os.Environ(), "ENDPOINT="+a.Endpoint, "REGION="+local.Region, "POOL="+a.Stack.UserPoolID,
				"CLIENT="+c.client, "EMAIL="+email, "MODULES="+filepath.Join(tools, "node"),
				"PATH="+filepath.Join(tools+"-python", "bin")+":"+os.Getenv("PATH")) //nolint:forbidigo // likewise
			compare(t, cmd, email, c.client, c.lacks)
		})
	}
}

// clientWithPasswords makes an app client for those that have no SRP.
func clientWithPasswords(t *testing.T, a *local.AWS) string {
	t.Helper()
	made, err := cognitoidentityprovider.NewFromConfig(a.Config()).CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: &a.Stack.UserPoolID, ClientName: aws.String("passwords"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
		},
		PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled,
	})
	if err != nil {
		t.Fatal(err)
	}
	return *made.UserPoolClient.ClientId
}

// compare runs the script and compares the lines that it prints.
func compare(t *testing.T, script *exec.Cmd, email, client, lacks string) {
	t.Helper()
	var stderr bytes.Buffer
	script.Stderr = &stderr
	began := time.Now()
	out, err := script.Output()
	if err != nil {
		t.Errorf("%v\n%s", err, &stderr)
	}
	t.Logf("took %.1f s", time.Since(began).Seconds())
	lines := json.NewDecoder(bytes.NewReader(out))
	var eventID any
	for _, want := range steps {
		if want.step == lacks {
			continue
		}
		var got struct{ Step, Result string }
		if err := lines.Decode(&got); err != nil || got.Step != want.step {
			t.Fatalf("step %q: %v, want %q\n%s%s", got.Step, err, want.step, out, &stderr)
		}
		if want.result != "token" {
			if got.Result != want.result {
				t.Errorf("%s: %q, want %q", want.step, got.Result, want.result)
			}
			continue
		}
		claims := claimsOf(t, got.Result)
		checkClaims(t, claims, email, client)
		if eventID == nil {
			eventID = claims["event_id"]
		}
		if claims["event_id"] != eventID {
			t.Errorf("%s: event_id %v, want that of the sign-in, %v", want.step, claims["event_id"], eventID)
		}
	}
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	var claims map[string]any
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		t.Fatalf("%q is no token", token)
	}
	return claims
}

func checkClaims(t *testing.T, claims map[string]any, email, client string) {
	t.Helper()
	for name, want := range map[string]any{"email": email, "email_verified": true, "aud": client, "token_use": "id", "cognito:username": claims["sub"]} {
		if claims[name] != want {
			t.Errorf("claim %s: %v, want %v", name, claims[name], want)
		}
	}
	if groups := fmt.Sprint(claims["cognito:groups"]); groups != "[members]" {
		t.Errorf("groups %s, want those that the pre token generation trigger gives", groups)
	}
}

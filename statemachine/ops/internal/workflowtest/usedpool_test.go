package workflowtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// usedPool is a second pool of the local AWS. testdata/usedpool.json gives every
// setting another value than its default.
type usedPool struct {
	aws   *local.AWS
	users *cognitoidentityprovider.Client
	id    string
}

func newUsedPool(t *testing.T) *usedPool {
	t.Helper()
	a := startAWS(t)
	p := &usedPool{aws: a, users: cognitoidentityprovider.NewFromConfig(a.Config())}
	settings, err := os.ReadFile("testdata/usedpool.json")
	if err != nil {
		t.Fatal(err)
	}
	made := opstest.Decode[struct{ UserPool map[string]any }](t, p.call(t, "CreateUserPool", string(settings)))
	p.id = fmt.Sprint(made.UserPool["Id"])
	t.Cleanup(func() { // or doctor would find it attached, in tests of its own
		ctx := context.WithoutCancel(t.Context())
		if _, err := p.users.DeleteUserPool(ctx, &cognitoidentityprovider.DeleteUserPoolInput{UserPoolId: &p.id}); err != nil {
			t.Error(err)
		}
	})
	if _, err := p.users.SetUserPoolMfaConfig(t.Context(), &cognitoidentityprovider.SetUserPoolMfaConfigInput{
		UserPoolId: &p.id, MfaConfiguration: types.UserPoolMfaTypeOptional,
		SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: &types.SmsConfigurationType{
			SnsCallerArn: aws.String("arn:aws:iam::123456789012:role/sms"),
		}},
		SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.users.CreateGroup(t.Context(), &cognitoidentityprovider.CreateGroupInput{UserPoolId: &p.id, GroupName: aws.String("members")}); err != nil {
		t.Fatal(err)
	}
	return p
}

// call makes a call of Cognito without the SDK, so that nothing is left out on
// the way, and returns the answer as it came.
func (p *usedPool) call(t *testing.T, action, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.aws.Endpoint, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+action)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/"+local.Region+"/cognito-idp/aws4_request, SignedHeaders=host, Signature=none")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v\n%s", action, resp.Status, err, answer)
	}
	return string(answer)
}

// describe returns the members of the answers that describe the pool, as they
// come, but for the date of the last change and the trigger, which it returns too.
func (p *usedPool) describe(t *testing.T) (description, trigger string) {
	t.Helper()
	pool := `{"UserPoolId":"` + p.id + `"}`
	answer := opstest.Decode[struct{ UserPool map[string]json.RawMessage }](t, p.call(t, "DescribeUserPool", pool)).UserPool
	triggers := opstest.Decode[map[string]json.RawMessage](t, string(answer["LambdaConfig"]))
	trigger = strings.Trim(string(triggers["PostConfirmation"]), `"`)
	delete(triggers, "PostConfirmation")
	delete(answer, "LambdaConfig")
	delete(answer, "LastModifiedDate")
	return members(answer) + members(triggers) + p.call(t, "GetUserPoolMfaConfig", pool), trigger
}

func members(object map[string]json.RawMessage) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(object)) {
		text.WriteString(name + ": " + string(object[name]) + "\n")
	}
	return text.String()
}

// wantPool checks that nothing but the trigger is another than it was.
func (p *usedPool) wantPool(t *testing.T, former, trigger string) {
	t.Helper()
	got, set := p.describe(t)
	if got != former {
		t.Errorf("the pool is described as\n%s\nwant\n%s", got, former)
	}
	if set != trigger {
		t.Errorf("the trigger is %q, want %q", set, trigger)
	}
}

// wantPermissions checks how many statements of the function's policy are about
// the pool.
func (p *usedPool) wantPermissions(t *testing.T, want int) {
	t.Helper()
	out, err := lambda.NewFromConfig(p.aws.Config()).GetPolicy(t.Context(), &lambda.GetPolicyInput{FunctionName: &p.aws.Stack.TriggerARN})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(*out.Policy, "userpool/"+p.id); got != want {
		t.Errorf("%d statements are about the pool, want %d: %s", got, want, *out.Policy)
	}
}

// confirm signs somebody up and confirms, and returns the sub.
func (p *usedPool) confirm(t *testing.T, email string) string {
	t.Helper()
	made, err := p.users.CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{UserPoolId: &p.id, ClientName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	client := made.UserPoolClient.ClientId
	signedUp, err := p.users.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
		ClientId: client, Username: &email, Password: aws.String("Correct-horse-7-battery"),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &email}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.users.ConfirmSignUp(t.Context(), &cognitoidentityprovider.ConfirmSignUpInput{
		ClientId: client, Username: &email, ConfirmationCode: aws.String("123456"),
	}); err != nil {
		t.Fatal(err)
	}
	return *signedUp.UserSub
}

// executions returns how many were started for the user.
func (p *usedPool) executions(t *testing.T, sub string) (n int) {
	t.Helper()
	for _, name := range must[[]string](t)(p.aws.Executions(t.Context())) {
		if strings.HasPrefix(name, sub) {
			n++
		}
	}
	return n
}

package pooltrigger

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// wire is a client of Cognito whose calls arrive here.
type wire struct {
	client *cognitoidentityprovider.Client
	sent   map[string]any
	answer string
}

func newWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{answer: `{}`}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.sent = nil
		if err := json.NewDecoder(r.Body).Decode(&w.sent); err != nil {
			t.Errorf("decode the request: %v", err)
		}
		rw.Header().Set("Content-Type", "application/x-amz-json-1.1")
		io.WriteString(rw, w.answer) //nolint:errcheck // the test sees what arrives
	}))
	t.Cleanup(server.Close)
	w.client = cognitoidentityprovider.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}, wholePools)
	return w
}

func (w *wire) update(t *testing.T, in *cognitoidentityprovider.UpdateUserPoolInput) map[string]any {
	t.Helper()
	if _, err := w.client.UpdateUserPool(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	return w.sent
}

// TestEverySwitchIsSent fails when the SDK gets a new one.
func TestEverySwitchIsSent(t *testing.T) {
	w := newWire(t)
	update := filled[cognitoidentityprovider.UpdateUserPoolInput](t)
	mfa := filled[cognitoidentityprovider.SetUserPoolMfaConfigInput](t)
	paths := slices.Concat(
		turnOff("", reflect.ValueOf(&update).Elem()), turnOff("", reflect.ValueOf(&mfa).Elem()))
	if slices.Sort(paths); !slices.Equal(paths, switches) {
		t.Errorf("the SDK's switches are\n%s\nand those that are sent\n%s", strings.Join(paths, "\n"), strings.Join(switches, "\n"))
	}
	sent := w.update(t, &update)
	if _, err := w.client.SetUserPoolMfaConfig(t.Context(), &mfa); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		found := any(sent)
		if strings.HasPrefix(path, "SoftwareToken") {
			found = any(w.sent)
		}
		for name := range strings.SplitSeq(path, ".") {
			found = found.(map[string]any)[name]
		}
		if found != false {
			t.Errorf("%s is sent as %v, want false", path, found)
		}
	}
}

// turnOff sets all switches to false, and returns their paths.
func turnOff(path string, v reflect.Value) (paths []string) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.Bool {
			break // the SDK sends it
		}
		return turnOff(path, v.Elem())
	case reflect.Bool:
		v.SetBool(false)
		return []string{path[1:]}
	case reflect.Struct:
		for field := range v.Type().Fields() {
			if field.IsExported() {
				paths = append(paths, turnOff(path+"."+field.Name, v.FieldByIndex(field.Index))...)
			}
		}
	}
	return paths
}

func TestWhatIsNotThereIsNotSent(t *testing.T) {
	sent := newWire(t).update(t, &cognitoidentityprovider.UpdateUserPoolInput{UserPoolId: aws.String(opstest.PoolID)})
	if len(sent) != 1 || sent["UserPoolId"] != opstest.PoolID {
		t.Errorf("sent %v, want the pool's ID alone", sent)
	}
	sent = newWire(t).update(t, &cognitoidentityprovider.UpdateUserPoolInput{
		UserPoolId:          aws.String(opstest.PoolID),
		DeviceConfiguration: &types.DeviceConfigurationType{DeviceOnlyRememberedOnUserPrompt: true},
		Policies:            &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{TemporaryPasswordValidityDays: 365}},
	})
	text, err := json.Marshal(sent)
	want := `{"DeviceConfiguration":{"ChallengeRequiredOnNewDevice":false,"DeviceOnlyRememberedOnUserPrompt":true},` +
		`"Policies":{"PasswordPolicy":{"RequireLowercase":false,"RequireNumbers":false,"RequireSymbols":false,"RequireUppercase":false,"TemporaryPasswordValidityDays":365}},` +
		`"UserPoolId":"` + opstest.PoolID + `"}`
	if err != nil || string(text) != want {
		t.Errorf("sent\n%s, %v; want\n%s", text, err, want)
	}
}

// TestEveryMemberIsKnown sends all that the SDK can send: no name of a member is
// another one than its field's.
func TestEveryMemberIsKnown(t *testing.T) {
	w := newWire(t)
	update := filled[cognitoidentityprovider.UpdateUserPoolInput](t)
	if found := unknownMembers("", any(w.update(t, &update)), reflect.TypeOf(update)); len(found) > 0 {
		t.Errorf("unknown: %v", found)
	}
	mfa := filled[cognitoidentityprovider.SetUserPoolMfaConfigInput](t)
	if _, err := w.client.SetUserPoolMfaConfig(t.Context(), &mfa); err != nil {
		t.Fatal(err)
	}
	if found := unknownMembers("", any(w.sent), reflect.TypeOf(mfa)); len(found) > 0 {
		t.Errorf("unknown: %v", found)
	}
}

func TestUnknownSettingsAreRefused(t *testing.T) {
	for _, test := range []struct{ members, says string }{
		{`"Name":"pool","Policies":{"PasswordPolicy":{"MinimumLength":8}},"UserPoolTags":{"any":"tag"},"CreationDate":1.7e9`, ""},
		{`"Gone":null`, ""},
		{`"Quota":7`, "UserPool.Quota"},
		{`"Policies":{"PasswordPolicy":{"MaximumLength":99},"New":{}}`, "UserPool.Policies.New, UserPool.Policies.PasswordPolicy.MaximumLength"},
		{`"SchemaAttributes":[{"Name":"sub"},{"Hidden":true}]`, "UserPool.SchemaAttributes.Hidden"},
	} {
		w := newWire(t)
		w.answer = fmt.Sprintf(`{"UserPool":{"Id":%q,%s}}`, opstest.PoolID, test.members)
		out, err := w.client.DescribeUserPool(t.Context(), &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: aws.String(opstest.PoolID)})
		if test.says == "" {
			if err != nil || *out.UserPool.Id != opstest.PoolID {
				t.Errorf("%s: %v, want success", test.members, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), "does not know and would reset: "+test.says+";") {
			t.Errorf("%s: %v, want an error that names %s", test.members, err, test.says)
		}
	}
	w := newWire(t)
	w.answer = `{"MfaConfiguration":"ON","RetinaMfaConfiguration":{"Enabled":true}}`
	if _, err := w.client.GetUserPoolMfaConfig(t.Context(), &cognitoidentityprovider.GetUserPoolMfaConfigInput{UserPoolId: aws.String(opstest.PoolID)}); err == nil || !strings.Contains(err.Error(), "RetinaMfaConfiguration") {
		t.Errorf("error %v, want one that names RetinaMfaConfiguration", err)
	}
}

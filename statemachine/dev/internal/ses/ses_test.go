package ses_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"example.com/onboarding/statemachine/dev/internal/ses"
)

// serve returns a client of SES around a backend that gives this answer.
func serve(t *testing.T, status int, answer string) (client *sesv2.Client, calls *[]string) {
	t.Helper()
	calls = new([]string)
	server := httptest.NewServer(ses.Around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*calls = append(*calls, r.Method+" "+r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-Errortype", "NotFoundException")
		w.WriteHeader(status)
		io.WriteString(w, answer) //nolint:errcheck // the caller notices
	})))
	t.Cleanup(server.Close)
	return sesv2.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}), calls
}

func TestAccountMaySend(t *testing.T) {
	client, calls := serve(t, http.StatusNotFound, "{}")
	out, err := client.GetAccount(t.Context(), &sesv2.GetAccountInput{})
	if err != nil {
		t.Fatal(err)
	}
	if !out.ProductionAccessEnabled || !out.SendingEnabled || *out.EnforcementStatus != "HEALTHY" || out.SendQuota.Max24HourSend != -1 {
		t.Errorf("account %+v, quota %+v", out, out.SendQuota)
	}
	if len(*calls) > 0 {
		t.Errorf("the backend was called: %v", *calls)
	}
}

func TestIdentityIsVerifiedIfTheBackendSaysSo(t *testing.T) {
	for status, want := range map[string]bool{"SUCCESS": true, "PENDING": false} {
		client, _ := serve(t, http.StatusOK, `{"IdentityType": "DOMAIN", "VerifiedForSendingStatus": false, "VerificationStatus": "`+status+`"}`)
		out, err := client.GetEmailIdentity(t.Context(), &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String("example.com")})
		if err != nil {
			t.Fatal(err)
		}
		if out.VerifiedForSendingStatus != want || out.IdentityType != "DOMAIN" {
			t.Errorf("%s: %+v, want verified: %t", status, out, want)
		}
		if signs := out.DkimAttributes != nil && out.DkimAttributes.SigningEnabled && out.DkimAttributes.Status == "SUCCESS"; signs != want {
			t.Errorf("%s: signs: %t, want %t", status, signs, want)
		}
	}
}

func TestOtherAnswersAreTheBackends(t *testing.T) {
	client, calls := serve(t, http.StatusNotFound, `{"message": "none"}`)
	if _, err := client.GetEmailIdentity(t.Context(), &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String("example.com")}); err == nil || !strings.Contains(err.Error(), "NotFoundException") {
		t.Errorf("error %v, want NotFoundException", err)
	}
	client.DeleteEmailIdentity( //nolint:errcheck // likewise
		t.Context(), &sesv2.DeleteEmailIdentityInput{EmailIdentity: aws.String("example.com")})
	if got, want := strings.Join(*calls, ", "), "GET /v2/email/identities/example.com, DELETE /v2/email/identities/example.com"; got != want {
		t.Errorf("the backend got %s, want %s", got, want)
	}
}

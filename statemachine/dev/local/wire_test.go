package local

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/internal/gateway"
	"example.com/onboarding/statemachine/dev/internal/lambda"
)

// TestErrorTypesOnTheWire runs the real binaries against a service that fails,
// and checks the errorType that Step Functions would match: aws-lambda-go reports
// the outermost Go type, so that a wrapped error would match no Retry.
func TestErrorTypesOnTheWire(t *testing.T) {
	built, err := build(t.Context(), "../../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	task := string(readGolden(t, "task.json"))
	for _, test := range []struct {
		name, folder string
		service      http.Handler
		payload      string
		want         string
	}{
		{"throttled group change", "steps/addusertogroup", jsonError(400, "TooManyRequestsException"), task, "ThrottledError"},
		{"failed group change", "steps/addusertogroup", jsonError(500, "InternalErrorException"), task, "TransientError"},
		{"missing group", "steps/addusertogroup", jsonError(400, "ResourceNotFoundException"), task, "NotReadyError"},
		{"unknown code", "steps/addusertogroup", jsonError(400, "NeverHeardOfException"), task, "UnexpectedError"},
		{"throttled profile", "steps/saveprofile", profileError(400, "ThrottlingException"), task, "ThrottledError"},
		{"failed profile", "steps/saveprofile", profileError(500, "InternalServerError"), task, "TransientError"},
		{"no profile table", "steps/saveprofile", profileError(400, "ResourceNotFoundException"), task, "NotReadyError"},
		{"throttled mail", "steps/sendwelcomeemail", mailError(400, "Throttling"), task, "ThrottledError"},
		{"failed mail", "steps/sendwelcomeemail", mailError(503, "ServiceUnavailable"), task, "UndecidedError"},
		{"refused mail", "steps/sendwelcomeemail", mailError(400, "RequestTimeout"), task, "TransientError"},
		{"lost connection", "steps/sendwelcomeemail", http.HandlerFunc(hangUp), task, "TransientError"},
		{"sender not verified", "steps/sendwelcomeemail", mailError(400, "MessageRejected"), task, "ConfigurationError"},
		{"failed event", "steps/recordanalytics", jsonError(500, "InternalException"), task, "TransientError"},
		{"refused event", "steps/recordanalytics", entryError("ThrottlingException"), task, "ThrottledError"},
		{"no permission", "steps/recordanalytics", jsonError(400, "AccessDeniedException"), task, "NotReadyError"},
		{"task without identifiers", "steps/recordanalytics", jsonError(500, "InternalException"), "{}", "UnexpectedError"},
	} {
		t.Run(test.name, func(t *testing.T) {
			needsFolder(t, test.folder)
			if got := errorType(t, built.binary(test.folder), test.service, test.payload); got != test.want {
				t.Errorf("errorType %s, want %s", got, test.want)
			}
		})
	}
}

// TestBadRulesOnTheWire sees that main hands the problem on, and does not end the
// function.
func TestBadRulesOnTheWire(t *testing.T) {
	needsFolder(t, "steps/addusertogroup")
	built, err := build(t.Context(), "../../..", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	added := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("{}")) }) //nolint:errcheck // the test would fail
	task := string(readGolden(t, "task.json"))
	got := errorType(t, built.binary("steps/addusertogroup"), added, task, map[string]string{"GROUP_RULES": "[{}]"})
	if want := "ConfigurationError"; got != want {
		t.Errorf("errorType %s, want %s", got, want)
	}
}

// needsFolder skips a test of a step that has been removed.
func needsFolder(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join("..", "..", "..", folder)); err != nil {
		t.Skip("there is no " + folder)
	}
}

func readGolden(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// errorType runs the binary once with the service as its AWS, and with more
// environment if there is any.
func errorType(t *testing.T, binary string, service http.Handler, payload string, more ...map[string]string) string {
	t.Helper()
	server := httptest.NewServer(service)
	defer server.Close()
	functions := lambda.NewService(func(_, line string) { t.Log(line) })
	defer functions.Close()
	environment := map[string]string{
		"AWS_REGION": Region, "AWS_ENDPOINT_URL": server.URL,
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"DEFAULT_GROUP": "members", "PROFILE_TABLE": "profiles", "SENDER_EMAIL": "welcome@onboarding.example", "APP_NAME": "App", "RECEIPT_PATIENCE": "10m",
	}
	for _, m := range more {
		maps.Copy(environment, m)
	}
	functions.Register(lambda.Function{
		Name: "f", Binary: binary, Timeout: 15 * time.Second, MemoryMB: 128, Environment: environment,
	})
	result, err := functions.Invoke(t.Context(), "f", []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	var failure struct{ ErrorType string }
	if err := json.Unmarshal(result.Payload, &failure); err != nil || !result.Failed {
		t.Fatalf("failed %t, payload %s", result.Failed, result.Payload)
	}
	return failure.ErrorType
}

func jsonError(status int, code string) http.Handler {
	return &gateway.APIError{Status: status, Code: code, Message: "planted"}
}

// mailError lets the step read its user, and fails the mail.
func mailError(status int, code string) http.Handler {
	failure := gateway.QueryError{Status: status, Code: code, Message: "planted"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") == "" {
			failure.ServeHTTP(w, r)
			return
		}
		w.Write([]byte(goldenUser)) //nolint:errcheck // the test would fail
	})
}

// profileError lets the step read its user, and fails the profile.
func profileError(status int, code string) http.Handler {
	failure := jsonError(status, code)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB") {
			failure.ServeHTTP(w, r)
			return
		}
		w.Write([]byte(goldenUser)) //nolint:errcheck // the test would fail
	})
}

const goldenUser = `{"Username":"u","UserAttributes":[{"Name":"email","Value":"jane@example.com"},{"Name":"email_verified","Value":"true"}]}`

// entryError answers PutEvents with 200 and a refused entry.
func entryError(code string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{ //nolint:errcheck // the test would fail
			"FailedEntryCount": 1, "Entries": []any{map[string]string{"ErrorCode": code}},
		})
	})
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

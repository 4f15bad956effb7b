package awserr_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/awserr"
)

// hostile is a message of a service that quotes what no log may hold.
const hostile = "Email address is not verified: jane.doe@example.com"

var (
	throttled     = reflect.TypeFor[*statemachine.ThrottledError]()
	quotaExceeded = reflect.TypeFor[*statemachine.QuotaExceededError]()
	transient     = reflect.TypeFor[*statemachine.TransientError]()
	notReady      = reflect.TypeFor[*statemachine.NotReadyError]()
	configuration = reflect.TypeFor[*statemachine.ConfigurationError]()
	unexpected    = reflect.TypeFor[*statemachine.UnexpectedError]()
)

// goTypes has the Go type that each class stands for.
var goTypes = map[awserr.Class]reflect.Type{
	awserr.Throttled:     throttled,
	awserr.QuotaExceeded: quotaExceeded,
	awserr.Transient:     transient,
	awserr.NotReady:      notReady,
	awserr.Configuration: configuration,
	awserr.Unexpected:    unexpected,
}

// checkType compares the type of err itself, not of what it wraps: that is what
// aws-lambda-go reports as errorType. It also sees that nothing personal is in
// the text.
func checkType(t *testing.T, input string, err error, want reflect.Type) {
	t.Helper()
	if got := reflect.TypeOf(err); got != want {
		t.Errorf("%s: got a %v (%v), want a %v", input, got, err, want)
	}
	if err != nil && (strings.Contains(err.Error(), "jane.doe") || strings.Contains(err.Error(), "127.0.0.1")) {
		t.Errorf("%s: the text has what the service or the network said: %v", input, err)
	}
}

func TestTableHasNoDuplicates(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range awserr.Table {
		if row.Code == "" || seen[row.Code] {
			t.Errorf("code %q is empty or in two rows", row.Code)
		}
		if goTypes[row.Class] == nil {
			t.Errorf("code %s has the unknown class %q", row.Code, row.Class)
		}
		seen[row.Code] = true
	}
}

func TestErrorsThatAnOperatorMendsSayWhatIsWrong(t *testing.T) {
	for _, row := range awserr.Table {
		if (row.Class == awserr.NotReady || row.Class == awserr.Configuration) && row.Detail == "" {
			t.Errorf("code %s wants an operator to act, but has no detail", row.Code)
		}
	}
}

func TestEveryRowGivesItsType(t *testing.T) {
	for _, row := range awserr.Table {
		api := &smithy.OperationError{
			ServiceID: "SES", OperationName: "SendEmail",
			Err: &smithy.GenericAPIError{Code: row.Code, Message: hostile},
		}
		checkType(t, "Classify "+row.Code, awserr.Classify("SES SendEmail", api), goTypes[row.Class])
		checkType(t, "FromCode "+row.Code, awserr.FromCode("SES SendEmail", row.Code), goTypes[row.Class])
	}
}

// Both protocols in use, end to end: what a service answers must come out of
// the SDK's client with the code that the table has.
func TestEveryRowIsReachedByAnswersOfServices(t *testing.T) {
	for _, row := range awserr.Table {
		for name, call := range map[string]callFunc{"Cognito": callCognito, "EventBridge": callEventBridge, "SES": callSES} {
			url := answer(t, http.StatusBadRequest, name, row.Code)
			err := awserr.Classify(name, call(t.Context(), url))
			checkType(t, name+" "+row.Code, err, goTypes[row.Class])
			if got := fmt.Sprint(err); !strings.Contains(got, row.Detail) || !strings.Contains(got, "request-1") {
				t.Errorf("%s %s: text %q lacks the detail %q or the request ID", name, row.Code, got, row.Detail)
			}
		}
	}
}

// The message is in SES's guide, with and without the full stop.
func TestDailyQuotaIsToldFromTheSendingRateByTheMessage(t *testing.T) {
	for message, want := range map[string]reflect.Type{
		"Daily message quota exceeded":   quotaExceeded,
		"Daily message quota exceeded.":  quotaExceeded,
		"Maximum sending rate exceeded.": throttled,
		"":                               throttled,
	} {
		err := awserr.Classify("SES SendEmail", &smithy.GenericAPIError{Code: "Throttling", Message: message})
		checkType(t, message, err, want)
	}
	other := &smithy.GenericAPIError{Code: "MessageRejected", Message: "Daily message quota exceeded"}
	checkType(t, "another code", awserr.Classify("SES SendEmail", other), configuration)
}

// The codes that decide whether a user is onboarded, apart from the table: a
// row that is changed or lost must fail here.
func TestDocumentedCodes(t *testing.T) {
	for code, want := range map[string]reflect.Type{
		"Throttling":                    throttled,
		"ThrottlingException":           throttled,
		"TooManyRequestsException":      throttled,
		"ServiceUnavailable":            transient,
		"InternalFailure":               transient,
		"InternalException":             transient,
		"InternalErrorException":        transient,
		"RequestTimeout":                transient,
		"MessageRejected":               configuration,
		"MailFromDomainNotVerified":     configuration,
		"ConfigurationSetDoesNotExist":  notReady,
		"AccountSendingPaused":          configuration,
		"ConfigurationSetSendingPaused": configuration,
		"AccessDenied":                  notReady,
		"AccessDeniedException":         notReady,
		"ResourceNotFoundException":     notReady,
		"InvalidParameterException":     unexpected,
		"UserNotFoundException":         unexpected,
		"NewCodeOfNextYear":             unexpected,
	} {
		checkType(t, code, awserr.FromCode("EventBridge PutEvents", code), want)
	}
}

func TestUnknownCodesAreJudgedByStatus(t *testing.T) {
	for status, want := range map[int]reflect.Type{
		http.StatusBadRequest:          unexpected,
		http.StatusForbidden:           unexpected,
		http.StatusNotFound:            unexpected,
		http.StatusTooManyRequests:     throttled,
		http.StatusInternalServerError: transient,
		http.StatusBadGateway:          transient,
		http.StatusServiceUnavailable:  transient,
	} {
		for name, call := range map[string]callFunc{"Cognito": callCognito, "EventBridge": callEventBridge, "SES": callSES} {
			input := fmt.Sprintf("%s status %d", name, status)
			err := awserr.Classify(name, call(t.Context(), answer(t, status, name, "NewCodeOfNextYear")))
			checkType(t, input, err, want)
			if !strings.Contains(fmt.Sprint(err), "NewCodeOfNextYear") {
				t.Errorf("%s: text %q lacks the code", input, err)
			}
		}
	}
}

// A load balancer or a proxy answers in HTML, which no client can decode.
func TestAnswersWithoutCodeAreJudgedByStatus(t *testing.T) {
	for status, want := range map[int]reflect.Type{
		http.StatusOK:                    unexpected,
		http.StatusRequestEntityTooLarge: unexpected,
		http.StatusTooManyRequests:       throttled,
		http.StatusBadGateway:            transient,
		http.StatusServiceUnavailable:    transient,
		http.StatusGatewayTimeout:        transient,
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html><body>jane.doe@example.com")
		})
		for name, call := range map[string]callFunc{"Cognito": callCognito, "EventBridge": callEventBridge, "SES": callSES} {
			checkType(t, fmt.Sprintf("%s HTML with status %d", name, status),
				awserr.Classify(name, call(t.Context(), url)), want)
		}
	}
}

func TestTextHasOperationCodeAndDetailOnly(t *testing.T) {
	err := awserr.Classify("SES SendEmail", callSES(t.Context(), answer(t, http.StatusBadRequest, "SES", "MessageRejected")))
	const want = "SES SendEmail: MessageRejected: the sender is not verified in this Region, " +
		"or SES is in the sandbox and the recipient is not (request ID request-1)"
	if err.Error() != want {
		t.Errorf("text of MessageRejected\n got %s\nwant %s", err, want)
	}
	err = awserr.Classify("Cognito AdminGetUser", callCognito(t.Context(), answer(t, http.StatusBadRequest, "Cognito", "TooManyRequestsException")))
	if want := "Cognito AdminGetUser: TooManyRequestsException: (request ID request-1)"; err.Error() != want {
		t.Errorf("text of a code without detail\n got %s\nwant %s", err, want)
	}
}

func TestStepAddsADetailOfItsOwn(t *testing.T) {
	failure := callCognito(t.Context(), answer(t, http.StatusBadRequest, "Cognito", "ResourceNotFoundException"))
	err := awserr.NotReady.For("Cognito AdminGetUser", failure, "it is gone")
	checkType(t, failure.Error(), err, notReady)
	if want := "Cognito AdminGetUser: ResourceNotFoundException: it is gone (request ID request-1)"; err.Error() != want {
		t.Errorf("got %s\nwant %s", err, want)
	}
	err = awserr.Transient.For("Cognito AdminGetUser", errors.New(hostile), "")
	checkType(t, hostile, err, transient)
	if want := "Cognito AdminGetUser: unknown failure"; err.Error() != want {
		t.Errorf("got %s\nwant %s", err, want)
	}
}

func TestUnknownFailuresAreUnexpectedAndSayNothingPersonal(t *testing.T) {
	for _, err := range []error{
		errors.New(hostile),
		fmt.Errorf("send: %w", errors.New(hostile)),
		&smithy.OperationError{ServiceID: "SES", Err: errors.New(hostile)},
	} {
		checkType(t, err.Error(), awserr.Classify("SES SendEmail", err), unexpected)
	}
}

func TestNilStaysNil(t *testing.T) {
	if err := awserr.Classify("SES SendEmail", nil); err != nil {
		t.Errorf("Classify of nil gives %v", err)
	}
}

func TestNewGivesTheTypeOfTheClass(t *testing.T) {
	for class, want := range goTypes {
		err := class.New("operation", "code", "detail")
		checkType(t, string(class), err, want)
		if got := reflect.TypeOf(err).Elem().Name(); got != string(class) {
			t.Errorf("class %s gives a %s: the Retry fields match by that name", class, got)
		}
		if got, want := err.Error(), "operation: code: detail"; got != want {
			t.Errorf("class %s: text %q, want %q", class, got, want)
		}
	}
	checkType(t, "a class that is none", awserr.Class("").New("operation", "code", ""), unexpected)
}

func TestIsCode(t *testing.T) {
	const code = "UserNotFoundException"
	for _, test := range []struct {
		name string
		err  error
		want bool
	}{
		{"modelled error", &types.UserNotFoundException{}, true},
		{"wrapped error", &smithy.OperationError{Err: &types.UserNotFoundException{}}, true},
		{"generic error", &smithy.GenericAPIError{Code: code}, true},
		{"answer of a service", callCognito(t.Context(), answer(t, http.StatusBadRequest, "Cognito", code)), true},
		{"other code", &types.ResourceNotFoundException{}, false},
		{"code in the message only", &smithy.GenericAPIError{Code: "Other", Message: code}, false},
		{"no API error", errors.New(code), false},
		{"nil", nil, false},
	} {
		if got := awserr.IsCode(test.err, code); got != test.want {
			t.Errorf("%s (%v): got %t, want %t", test.name, test.err, got, test.want)
		}
	}
}

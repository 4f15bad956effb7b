package apierror_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.com/onboarding/statemachine/ops/internal/apierror"
)

// failure is what a client of IAM returns for an answer with that status and code.
func failure(status int, code string) error {
	err := errors.New("no error code")
	if code != "" {
		err = &smithy.GenericAPIError{Code: code}
	}
	return fmt.Errorf("wrapped: %w", &smithy.OperationError{ServiceID: "IAM", OperationName: "GetRole", Err: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
	}})
}

func TestWhatItMeansThatACallFailed(t *testing.T) {
	for name, test := range map[string]struct {
		err             error
		denied, lacking string
	}{
		"denied":                      {failure(403, "AccessDenied"), "iam:GetRole", ""},
		"an unknown operation":        {failure(400, "UnknownOperationException"), "", "IAM GetRole"},
		"an unknown action":           {failure(400, "InvalidAction"), "", "IAM GetRole"},
		"not implemented":             {failure(501, ""), "", "IAM GetRole"},
		"an unknown path":             {failure(404, ""), "", "IAM GetRole"},
		"an unknown path, as XML has": {failure(404, "UnknownError"), "", "IAM GetRole"},
		"something that is not there": {failure(404, "NoSuchEntity"), "", ""},
		"a failing service":           {failure(500, "ServiceFailure"), "", ""},
		"a failing service's page":    {failure(503, ""), "", ""},
		"throttled":                   {failure(400, "Throttling"), "", ""},
		"no connection":               {errors.New("dial tcp: refused"), "", ""},
	} {
		if got := apierror.DeniedAction(test.err); got != test.denied {
			t.Errorf("%s: denied %q, want %q", name, got, test.denied)
		}
		if got := apierror.LackingOperation(test.err); got != test.lacking {
			t.Errorf("%s: lacking %q, want %q", name, got, test.lacking)
		}
	}
}

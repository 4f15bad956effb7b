package awserr_test

import (
	"errors"
	"net"
	"net/http"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.com/onboarding/statemachine/dev/allocstest"
	"example.com/onboarding/steps/internal/awserr"
)

// answered is how the SDK returns an error of a service.
func answered(code string) error {
	return &smithy.OperationError{ServiceID: "SES", OperationName: "SendEmail", Err: &awshttp.ResponseError{
		RequestID: "8f2c", ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusBadRequest}},
			Err:      &smithy.GenericAPIError{Code: code},
		},
	}}
}

// classified are errors that are found early in the table, late and not at all.
var classified = map[string]error{
	"throttled":  answered("Throttling"),
	"denied":     answered("AccessDenied"),
	"unknown":    answered("Surprise"),
	"connection": &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}},
}

func BenchmarkClassify(b *testing.B) {
	for name, err := range classified {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if awserr.Classify("SES SendEmail", err) == nil {
					b.Fatal("no error")
				}
			}
		})
	}
}

func TestAllocationsOfClassify(t *testing.T) {
	for name, budget := range map[string]int{"throttled": 3, "denied": 3, "unknown": 3, "connection": 1} {
		t.Run(name, func(t *testing.T) {
			allocstest.Check(t, budget, func() {
				if awserr.Classify("SES SendEmail", classified[name]) == nil {
					t.Error("no error")
				}
			})
		})
	}
}

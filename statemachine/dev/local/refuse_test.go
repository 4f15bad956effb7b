package local_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
)

func TestRefusedServiceIsRefusedToFunctionsOnly(t *testing.T) {
	a := startAWS(t)
	cfg := a.Config()
	cfg.Credentials = credentials.NewStaticCredentialsProvider("SomeFunction", "local", "")
	functions, others := sqs.NewFromConfig(cfg), sqs.NewFromConfig(a.Config())
	t.Cleanup(func() { a.Refuse(context.WithoutCancel(t.Context()), "") }) //nolint:errcheck // the test does it too
	if err := a.Refuse(t.Context(), "s3"); err == nil || a.Refused() != "" {
		t.Errorf("a service that no function calls: %v, refused is %q", err, a.Refused())
	}
	for _, service := range []string{"", "sqs", "states", "sqs", ""} {
		if err := a.Refuse(t.Context(), service); err != nil || a.Refused() != service {
			t.Fatalf("refuse %q: %v, refused is %q", service, err, a.Refused())
		}
		_, err := functions.ListQueues(t.Context(), nil)
		denied, _ := errors.AsType[smithy.APIError](err)
		if (denied != nil && denied.ErrorCode() == "AccessDeniedException") != (service == "sqs") || denied == nil && err != nil {
			t.Errorf("with %q refused, a function gets %v", service, err)
		}
		if _, err := others.ListQueues(t.Context(), nil); err != nil {
			t.Errorf("with %q refused, others get %v", service, err)
		}
	}
}

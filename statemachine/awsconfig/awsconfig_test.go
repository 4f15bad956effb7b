package awsconfig_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.com/onboarding/statemachine/awsconfig"
)

var limits = awsconfig.Limits{AttemptTimeout: 3 * time.Second, MaxAttempts: 2, MaxBackoff: 200 * time.Millisecond}

// environment is what Lambda gives a function.
func environment(more map[string]string) func(string) string {
	return func(name string) string {
		if value, ok := more[name]; ok {
			return value
		}
		return map[string]string{
			"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
			"AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
		}[name]
	}
}

func TestConfigurationComesFromTheEnvironment(t *testing.T) {
	cfg := awsconfig.New(environment(nil), limits)
	if cfg.Region != "eu-west-1" || cfg.BaseEndpoint != nil {
		t.Errorf("Region %q, endpoint %v; want eu-west-1 and none", cfg.Region, cfg.BaseEndpoint)
	}
	got, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil || got.AccessKeyID != "ASIAEXAMPLE" || got.SecretAccessKey != "secret" || got.SessionToken != "token" {
		t.Errorf("credentials %+v, error %v", got, err)
	}
	local := awsconfig.New(environment(map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}), limits)
	if aws.ToString(local.BaseEndpoint) != "http://127.0.0.1:9000" {
		t.Errorf("endpoint %q, want the one of AWS_ENDPOINT_URL", aws.ToString(local.BaseEndpoint))
	}
}

func TestLimitsAreKept(t *testing.T) {
	cfg := awsconfig.New(environment(nil), limits)
	retryer := cfg.Retryer()
	if got := retryer.MaxAttempts(); got != limits.MaxAttempts {
		t.Errorf("%d attempts, want %d", got, limits.MaxAttempts)
	}
	var longest time.Duration
	for range 50 {
		delay, err := retryer.RetryDelay(1, errors.New("throttled"))
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, delay)
	}
	if longest == 0 || longest > limits.MaxBackoff {
		t.Errorf("longest of 50 delays is %v, want more than none and at most %v", longest, limits.MaxBackoff)
	}
}

func TestThrottlesAreLeftToTheCallerThatWantsThem(t *testing.T) {
	patient := limits
	patient.LeaveThrottles = true
	for _, test := range []struct {
		limits awsconfig.Limits
		code   string
		want   bool
	}{
		{limits, "TooManyRequestsException", true},
		{patient, "TooManyRequestsException", false},
		{patient, "Throttling", false},
		{patient, "ThrottlingException", false},
		{patient, "ProvisionedThroughputExceededException", false},
		{patient, "RequestTimeout", true},
	} {
		err := &smithy.GenericAPIError{Code: test.code}
		if got := awsconfig.New(environment(nil), test.limits).Retryer().IsErrorRetryable(err); got != test.want {
			t.Errorf("%s, LeaveThrottles %t: retried %t, want %t", test.code, test.limits.LeaveThrottles, got, test.want)
		}
	}
}

func TestOnlyTheFirstFailureToSendIsRepeatedAtOnce(t *testing.T) {
	retryer := awsconfig.New(environment(nil), limits).Retryer()
	sending := &smithyhttp.RequestSendError{Err: io.EOF}
	if delay, err := retryer.RetryDelay(1, sending); delay != 0 || err != nil {
		t.Errorf("delay before the second attempt %v, error %v; want none", delay, err)
	}
	var longest time.Duration
	for range 50 {
		delay, _ := retryer.RetryDelay(2, sending)
		longest = max(longest, delay)
	}
	if longest == 0 {
		t.Error("no delay before the third attempt")
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/start"
)

// httpFunc is an HTTP client.
type httpFunc func(*http.Request) (*http.Response, error)

// Do implements aws.HTTPClient.
func (f httpFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// answer is what SQS says, or a failure to reach it.
type answer struct {
	status int
	body   string
	err    error
}

var taken = answer{status: http.StatusOK, body: `{"MessageId":"1","MD5OfMessageBody":"841a2d689ad86bd1611447453c22c6fc"}`}

// queueThatAnswers returns a queue whose attempts get these answers in turn, and what
// it was sent.
func queueThatAnswers(t *testing.T, answers ...answer) (*Queue, *[]sent) {
	t.Helper()
	var requests []sent
	cfg := awsconfig.New(lambdaEnvironment, start.Limits)
	cfg.HTTPClient = httpFunc(func(r *http.Request) (*http.Response, error) {
		a := answers[min(len(requests), len(answers)-1)]
		requests = append(requests, read(t, r))
		if a.err != nil {
			return nil, a.err
		}
		recorded := httptest.NewRecorder()
		recorded.WriteHeader(a.status)
		io.WriteString(recorded, a.body) //nolint:errcheck // a recorder takes everything
		return recorded.Result(), nil
	})
	return &Queue{URL: "https://sqs.us-east-1.amazonaws.com/123456789012/deferred", Config: cfg}, &requests
}

func lambdaEnvironment(name string) string {
	return map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
	}[name]
}

// sent is what matters of a request to SQS.
type sent struct {
	method, url, target, contentType, token string
	// credential is who signed, for which day, Region and service.
	credential string
	trace      string
	body       map[string]string
}

func read(t *testing.T, r *http.Request) sent {
	t.Helper()
	var body map[string]string
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	credential, _, _ := strings.Cut(r.Header.Get("Authorization"), ",")
	return sent{
		method: r.Method, url: r.URL.String(), target: r.Header.Get("X-Amz-Target"), contentType: r.Header.Get("Content-Type"),
		token: r.Header.Get("X-Amz-Security-Token"), credential: credential, trace: r.Header.Get("X-Amzn-Trace-Id"), body: body,
	}
}

func TestRequestIsThatOfTheSDK(t *testing.T) {
	// aws-lambda-go gives the ID to the context, and to the environment for the SDK.
	const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "trigger")
	t.Setenv("_X_AMZN_TRACE_ID", trace)
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", trace) //nolint:staticcheck // the key is not ours
	const body = `{"username":"jane \"<&>\" ñ"}`
	for region, domain := range map[string]string{"us-east-1": "amazonaws.com", "cn-north-1": "amazonaws.com.cn", "us-iso-east-1": "c2s.ic.gov"} {
		q, requests := queueThatAnswers(t, taken)
		q.Config.Region, q.URL = region, "https://sqs."+region+"."+domain+"/123456789012/deferred"
		if err := q.SendMessage(ctx, body); err != nil {
			t.Fatal(err)
		}
		// The answer's checksum is not that of the message, which the client notices.
		unchecked := func(o *sqs.Options) { o.DisableMessageChecksumValidation = true }
		if _, err := sqs.NewFromConfig(q.Config, unchecked).SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: &q.URL, MessageBody: aws.String(body),
		}); err != nil {
			t.Fatal(err)
		}
		if got, want := (*requests)[0], (*requests)[1]; !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

func TestFailuresToSend(t *testing.T) {
	refused := answer{status: http.StatusBadRequest, body: `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"about jane@example.com"}`}
	for name, test := range map[string]struct {
		answers  []answer
		attempts int
		// code is the error code; empty if the message was taken in the end.
		code string
	}{
		"taken":                 {[]answer{taken}, 1, ""},
		"stale connection":      {[]answer{{err: io.EOF}, taken}, 2, ""},
		"time-out":              {[]answer{{err: context.DeadlineExceeded}, taken}, 2, ""},
		"down for a moment":     {[]answer{{status: http.StatusServiceUnavailable, body: "<html>"}, taken}, 2, ""},
		"throttled":             {[]answer{{status: http.StatusBadRequest, body: `{"__type":"com.amazonaws.sqs#RequestThrottled"}`}, taken}, 2, ""},
		"down":                  {[]answer{{status: http.StatusServiceUnavailable}}, 3, "Service Unavailable"},
		"unreachable":           {[]answer{{err: errors.New("dial tcp")}}, 3, "connection failed"},
		"hanging":               {[]answer{{err: context.DeadlineExceeded}}, 3, "timeout"},
		"refused, not repeated": {[]answer{refused, taken}, 1, "QueueDoesNotExist"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q, requests := queueThatAnswers(t, test.answers...)
				err := q.SendMessage(t.Context(), "{}")
				if len(*requests) != test.attempts {
					t.Errorf("%d attempts, want %d", len(*requests), test.attempts)
				}
				switch {
				case test.code == "" && err != nil:
					t.Errorf("error %v", err)
				case test.code != "" && (err == nil || start.ErrorCode(err) != test.code):
					t.Errorf("error %v, want the code %s", err, test.code)
				}
			})
		})
	}
}

func TestSendingEndsWithItsBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, requests := queueThatAnswers(t, answer{status: http.StatusServiceUnavailable})
		retryer := patient{q.Config.Retryer()}
		q.Config.Retryer = func() aws.Retryer { return retryer }
		ctx, cancel := context.WithTimeout(t.Context(), deferBudget)
		defer cancel()
		began := time.Now()
		if err := q.SendMessage(ctx, "{}"); start.ErrorCode(err) != "Service Unavailable" {
			t.Errorf("error %v, want that of the attempt", err)
		}
		if took := time.Since(began); took != deferBudget || len(*requests) != 1 {
			t.Errorf("%d attempts in %v, want 1 in %v", len(*requests), took, deferBudget)
		}
	})
}

// patient waits an hour between attempts.
type patient struct{ aws.Retryer }

// RetryDelay implements aws.Retryer.
func (patient) RetryDelay(int, error) (time.Duration, error) { return time.Hour, nil }

package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/restjson"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Queue is an SQS queue that messages are sent to. It signs its one call with the
// SDK's signer and does without the SDK's client of SQS: the variables of that package
// cost each cold start of the trigger a tenth of its time and 240 KB, and a start is
// deferred hardly ever. What it sends is what that client would send.
type Queue struct {
	// URL is the address of the queue. Its host is the endpoint, unless the
	// configuration has another one.
	URL string
	// Config has the Region, credentials, HTTP client and retryer of the call.
	Config aws.Config
}

// SendMessage puts a message with this body, at most 1 MiB of text, into the queue
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
// Its errors are those of the SDK's clients.
func (q *Queue) SendMessage(ctx context.Context, body string) error {
	payload, err := json.Marshal(map[string]string{"QueueUrl": q.URL, "MessageBody": body})
	if err != nil {
		return fmt.Errorf("marshal the message: %w", err)
	}
	retryer := q.Config.Retryer()
	for attempt := 1; ; attempt++ {
		err := q.send(ctx, payload)
		if err == nil || attempt == retryer.MaxAttempts() || !retryer.IsErrorRetryable(err) {
			return err
		}
		delay, delayErr := retryer.RetryDelay(attempt, err)
		if delayErr != nil {
			return err
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return err
		}
	}
}

// send makes one attempt.
func (q *Queue) send(ctx context.Context, payload []byte) error {
	request, err := q.request(ctx, payload)
	if err != nil {
		return err
	}
	response, err := q.Config.HTTPClient.Do(request)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close() //nolint:errcheck // what matters was read
	if response.StatusCode == http.StatusOK {
		_, err = io.Copy(io.Discard, response.Body) // so that the connection can be used again
		return err                                  //nolint:wrapcheck // only its kind is looked at
	}
	code, message, err := restjson.GetErrorInfo(json.NewDecoder(response.Body))
	if err != nil || code == "" {
		code = http.StatusText(response.StatusCode)
	}
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: response},
		Err:      &smithy.GenericAPIError{Code: code, Message: message},
	}
}

// request returns the signed request of an attempt.
func (q *Queue) request(ctx context.Context, payload []byte) (*http.Request, error) {
	address := cmp.Or(aws.ToString(q.Config.BaseEndpoint), q.URL)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	request.URL.Path = "/"
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
	// aws-lambda-go puts it there, and SQS hands it on to StartDeferred.
	if trace, ok := ctx.Value("x-amzn-trace-id").(string); ok {
		request.Header.Set("X-Amzn-Trace-Id", trace)
	}
	credentials, err := q.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	sum := sha256.Sum256(payload)
	err = v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "sqs", q.Config.Region, time.Now())
	if err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	return request, nil
}

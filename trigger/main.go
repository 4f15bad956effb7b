// Command trigger is the PostConfirmation trigger of the user pool: the function
// that Cognito invokes when a user has confirmed a sign-up, and waits for.
package main

import (
	"context"
	"log"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/logs"
	"example.com/onboarding/statemachine/metrics"
)

func main() {
	logger := logs.New("Trigger")
	cfg, err := config.LoadDefaultConfig(context.Background(),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(attemptTimeout)),
		config.WithRetryer(newRetryer))
	if err != nil {
		log.Fatalf("load AWS configuration: %v", err)
	}
	lambda.Start(&Trigger{
		Executions:      sfn.NewFromConfig(cfg),
		StateMachineARN: os.Getenv("STATE_MACHINE_ARN"),
		Queue:           sqs.NewFromConfig(cfg, quickly),
		QueueURL:        os.Getenv("DEFERRED_START_QUEUE_URL"),
		MetadataKeys:    strings.FieldsFunc(os.Getenv("METADATA_KEYS"), isSeparator),
		Log:             logger,
		Metrics:         metrics.Stack{Name: os.Getenv("STACK_NAME"), Now: time.Now},
	})
}

func isSeparator(r rune) bool { return r == ',' || r == ' ' }

// The limits of one call within startBudget and deferBudget: an attempt that hangs
// leaves time for another. The SDK's default waits up to 20 seconds between
// attempts, longer than Cognito waits for the trigger.
const (
	attemptTimeout      = 1100 * time.Millisecond
	queueAttemptTimeout = 450 * time.Millisecond
	maxBackoff          = 200 * time.Millisecond
)

func quickly(o *sqs.Options) {
	o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(queueAttemptTimeout)
}

func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 3
		o.MaxBackoff = maxBackoff
	})
}

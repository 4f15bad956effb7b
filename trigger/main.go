// Command trigger is the PostConfirmation trigger of the user pool: the function
// that Cognito invokes when a user has confirmed a sign-up, and waits for.
package main

import (
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/logs"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/start"
)

func main() {
	logger := logs.New("Trigger")
	cfg := awsconfig.New(os.Getenv, start.Limits)
	awsconfig.Connect(cfg, logger, awsconfig.StepFunctions)
	lambda.Start(&Trigger{
		Executions:      sfn.NewFromConfig(cfg),
		StateMachineARN: os.Getenv("STATE_MACHINE_ARN"),
		Queue:           queue(cfg),
		QueueURL:        os.Getenv("DEFERRED_START_QUEUE_URL"),
		MetadataKeys:    strings.FieldsFunc(os.Getenv("METADATA_KEYS"), isSeparator),
		Log:             logger,
		Metrics:         metrics.Stack{Name: os.Getenv("STACK_NAME"), Now: time.Now},
	})
}

func isSeparator(r rune) bool { return r == ',' || r == ' ' }

// queueAttemptTimeout leaves time for another attempt within deferBudget.
const queueAttemptTimeout = 450 * time.Millisecond

func queue(cfg aws.Config) *sqs.Client {
	cfg.HTTPClient = awsconfig.HTTPClient(queueAttemptTimeout)
	return sqs.NewFromConfig(cfg)
}

// Command trigger is the PostConfirmation trigger of the user pool: the function
// that Cognito invokes when a user has confirmed a sign-up, and waits for.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/logs"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/start"
	"example.com/onboarding/trigger/internal/onboard"
)

func main() {
	logger := logs.New("Trigger")
	cfg := awsconfig.New(os.Getenv, start.Limits)
	awsconfig.Connect(cfg, logger, awsconfig.StepFunctions)
	lambda.Start(&Trigger{onboard.Starter{
		Executions:      sfn.NewFromConfig(cfg),
		StateMachineARN: os.Getenv("STATE_MACHINE_ARN"),
		Queue:           onboard.Queue(cfg),
		QueueURL:        os.Getenv("DEFERRED_START_QUEUE_URL"),
		MetadataKeys:    onboard.MetadataKeys(os.Getenv("METADATA_KEYS")),
		Log:             logger,
		Metrics:         metrics.Stack{Name: os.Getenv("STACK_NAME"), Now: time.Now},
	}})
}

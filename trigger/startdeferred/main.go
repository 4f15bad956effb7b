// Command startdeferred is the function that repeats the starts which the trigger
// could not make and put into the queue of deferred starts.
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
)

func main() {
	logger := logs.New("StartDeferred")
	cfg := awsconfig.New(os.Getenv, start.Limits)
	lambda.Start((&StartDeferred{
		Executions:      sfn.NewFromConfig(cfg),
		StateMachineARN: os.Getenv("STATE_MACHINE_ARN"),
		Log:             logger,
		Metrics:         metrics.Stack{Name: os.Getenv("STACK_NAME"), Now: time.Now},
	}).Handle)
}

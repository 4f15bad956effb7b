// Command firsttoken is the Pre Token Generation trigger of the user pool: the function
// that Cognito invokes, and waits for, before it gives a user tokens.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/firsttoken"
	"example.com/onboarding/statemachine/grouprules"
	"example.com/onboarding/statemachine/logs"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/start"
	"example.com/onboarding/statemachine/sweep"
	"example.com/onboarding/trigger/internal/onboard"
)

func main() {
	logger := logs.New("FirstToken")
	cfg := awsconfig.New(os.Getenv, start.Limits)
	awsconfig.Connect(cfg, logger, awsconfig.Cognito, awsconfig.DynamoDB)
	rules, err := grouprules.Parse(os.Getenv("GROUP_RULES"))
	if err != nil { // the step AddUserToGroup stops executions for it, after the default group
		logger.Error("the parameter GroupRules is malformed: ops doctor lists every problem")
	}
	since, err := sweep.ParseSince(os.Getenv("SWEEP_SINCE"))
	if err != nil { // the template takes no such value; a sign-in must not fail for it
		logger.Error("the parameter SweepSince is malformed")
		since = time.Now()
	}
	lambda.Start(&FirstToken{
		Groups: firsttoken.Groups{
			Users:        cognitoidentityprovider.NewFromConfig(cfg),
			Records:      record.Table{API: dynamodb.NewFromConfig(cfg), Name: os.Getenv("RECORD_TABLE")},
			DefaultGroup: os.Getenv("DEFAULT_GROUP"),
			Rules:        rules,
			Since:        since,
			Log:          logger,
			Now:          time.Now,
		},
		Starter: onboard.Starter{
			Executions:      sfn.NewFromConfig(cfg),
			StateMachineARN: os.Getenv("STATE_MACHINE_ARN"),
			Queue:           onboard.Queue(cfg),
			QueueURL:        os.Getenv("DEFERRED_START_QUEUE_URL"),
			MetadataKeys:    onboard.MetadataKeys(os.Getenv("METADATA_KEYS")),
			Log:             logger,
			Metrics:         metrics.Stack{Name: os.Getenv("STACK_NAME"), Now: time.Now},
		},
	})
}

// Command mailreceipt is the function that notes what SES tells of welcome mails: that it
// took one, and what became of it. EventBridge invokes it, with one event at a time.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/logs"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/record"
)

// limits are those of one call. Nobody waits for it, and what still fails Lambda repeats.
var limits = awsconfig.Limits{AttemptTimeout: 3 * time.Second, MaxAttempts: 3, MaxBackoff: time.Second}

func main() {
	logger := logs.New("MailReceipt")
	cfg := awsconfig.New(os.Getenv, limits)
	lambda.Start((&MailReceipt{
		Records: record.Table{API: dynamodb.NewFromConfig(cfg), Name: os.Getenv("RECORD_TABLE")},
		Events:  eventbridge.NewFromConfig(cfg),
		Log:     logger,
		Metrics: metrics.Stack{Name: os.Getenv("STACK_NAME"), Now: time.Now},
	}).Handle)
}

// Command sweep is the function that goes through the pool for users who are not
// onboarded, and starts what is missing: see package sweep. Its state machine
// (statemachine/sweep.asl.json) invokes it again and again, with the place that it
// returned last.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"golang.org/x/time/rate"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/logs"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/sweep"
)

// limits are those of one call. Nobody waits for it, and a throttle passes within
// seconds at the rates of a sweep.
var limits = awsconfig.Limits{AttemptTimeout: 3 * time.Second, MaxAttempts: 5, MaxBackoff: 5 * time.Second}

func main() {
	since, err := sweep.ParseSince(os.Getenv("SWEEP_SINCE"))
	if err != nil { // it must not count as none
		log.Fatalf("read SWEEP_SINCE: %v", err)
	}
	logger := logs.New("Sweep")
	cfg := awsconfig.New(os.Getenv, limits)
	lambda.Start((&Function{
		Sweep: sweep.Sweep{
			Users:           cognitoidentityprovider.NewFromConfig(cfg),
			Records:         dynamodb.NewFromConfig(cfg),
			Executions:      sfn.NewFromConfig(cfg),
			UserPoolID:      os.Getenv("USER_POOL_ID"),
			RecordTable:     os.Getenv("RECORD_TABLE"),
			StateMachineARN: os.Getenv("STATE_MACHINE_ARN"),
			Since:           since,
			Grace:           sweep.Grace,
			Pages:           pace{rate.NewLimiter(sweep.PagesRate, 1)},
			Each:            pace{rate.NewLimiter(sweep.UsersRate, sweep.UsersBurst)},
			Now:             time.Now,
		},
		Log:     logger,
		Metrics: metrics.Stack{Name: os.Getenv("STACK_NAME"), Now: time.Now},
	}).Handle)
}

// Command recordanalytics is the function of the state RecordAnalytics.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/steps/internal/step"
)

func main() {
	function := step.New("RecordAnalytics", os.Getenv("STACK_NAME"))
	cfg := function.Config(os.Getenv, awsconfig.EventBridge)
	function.Records = step.RecordsIn(os.Getenv("RECORD_TABLE"), cfg)
	step.Start(function, (&RecordAnalytics{
		Events: eventbridge.NewFromConfig(cfg),
		Now:    time.Now,
	}).Handle)
}

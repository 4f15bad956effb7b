// Command recordanalytics is the function of the state RecordAnalytics.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"example.com/onboarding/steps/internal/step"
)

func main() {
	function := step.New("RecordAnalytics", os.Getenv("STACK_NAME"))
	cfg, err := step.Config(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	step.Start(function, (&RecordAnalytics{
		Events: eventbridge.NewFromConfig(cfg),
		Now:    time.Now,
	}).Handle)
}

// Command recordanalytics is the function of the state RecordAnalytics.
package main

import (
	"context"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"example.com/onboarding/steps/internal/step"
)

func main() {
	cfg, err := step.Config(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	step.Start((&RecordAnalytics{
		Events: eventbridge.NewFromConfig(cfg),
		Now:    time.Now,
	}).Handle)
}

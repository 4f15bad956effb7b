// Command sendwelcomeemail is the function of the state SendWelcomeEmail.
package main

import (
	"context"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"example.com/onboarding/steps/internal/step"
)

func main() {
	cfg, err := step.Config(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	sender, err := Sender(os.Getenv("APP_NAME"), os.Getenv("SENDER_EMAIL"))
	if err != nil {
		log.Fatalf("read SENDER_EMAIL: %v", err)
	}
	step.Start((&SendWelcomeEmail{
		Users: cognitoidentityprovider.NewFromConfig(cfg),
		// SES has no idempotency token: a second attempt after a time-out may
		// be a second mail, so the SDK makes none.
		Mails:  ses.NewFromConfig(cfg, func(o *ses.Options) { o.Retryer = aws.NopRetryer{} }),
		Sender: sender,
		App:    App{Name: os.Getenv("APP_NAME"), URL: os.Getenv("APP_URL")},
	}).Handle)
}

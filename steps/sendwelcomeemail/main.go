// Command sendwelcomeemail is the function of the state SendWelcomeEmail.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/steps/internal/step"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

func main() {
	function := step.New("SendWelcomeEmail", os.Getenv("STACK_NAME"))
	cfg := function.Config(os.Getenv, awsconfig.Cognito)
	client := connecting{awsconfig.HTTPClient(sendTimeout)}
	awsconfig.Connect(aws.Config{Region: cfg.Region, BaseEndpoint: cfg.BaseEndpoint, HTTPClient: client}, function.Log, awsconfig.SES)
	function.Records = step.RecordsIn(os.Getenv("RECORD_TABLE"), cfg)
	sender, err := Sender(os.Getenv("APP_NAME"), os.Getenv("SENDER_EMAIL"))
	if err != nil {
		log.Fatalf("read SENDER_EMAIL: %v", err)
	}
	replyTo, err := ReplyTo(os.Getenv("REPLY_TO"))
	if err != nil {
		log.Fatalf("read REPLY_TO: %v", err)
	}
	mail, err := welcome.Load()
	if err != nil {
		log.Fatalf("load the welcome mail: %v", err)
	}
	patience, err := time.ParseDuration(os.Getenv("RECEIPT_PATIENCE"))
	if err != nil {
		log.Fatalf("read RECEIPT_PATIENCE: %v", err)
	}
	step.Start(function, (&SendWelcomeEmail{
		Users: cognitoidentityprovider.NewFromConfig(cfg),
		Mails: ses.NewFromConfig(cfg, once(client)),
		Deliveries: Deliveries{
			API: dynamodb.NewFromConfig(cfg), Table: os.Getenv("RECORD_TABLE"), Patience: patience, Now: time.Now,
		},
		Sender:           sender,
		ReplyTo:          replyTo,
		ConfigurationSet: os.Getenv("CONFIGURATION_SET"),
		App:              welcome.NewApp(os.Getenv("APP_NAME"), os.Getenv("APP_URL")),
		Mail:             mail,
		Log:              function.Log,
		Metrics:          function.Metrics,
	}).Handle)
}

// sendTimeout leaves SES more time than other calls get, because a mail whose
// answer is lost has to wait for its receipt. With two attempts at the five other
// calls, it fits into the 45 seconds that the template gives the function.
const sendTimeout = 10 * time.Second

// once makes no second attempt: SES has no idempotency token, and after a time-out
// it might be a second mail.
func once(client aws.HTTPClient) func(*ses.Options) {
	return func(o *ses.Options) {
		o.Retryer = aws.NopRetryer{}
		o.HTTPClient = client
	}
}

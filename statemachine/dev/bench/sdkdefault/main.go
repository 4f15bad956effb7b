// Command sdkdefault is a trigger as the documentation of the SDK would have it, with
// the SDK's defaults, for make bench to compare with. It is never deployed.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

type input struct {
	UserPoolID string `json:"userPoolId"`
	Username   string `json:"username"`
}

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	client := sfn.NewFromConfig(cfg)
	stateMachine := os.Getenv("STATE_MACHINE_ARN")
	lambda.Start(func(ctx context.Context, event events.CognitoEventUserPoolsPostConfirmation) (events.CognitoEventUserPoolsPostConfirmation, error) {
		body, err := json.Marshal(input{UserPoolID: event.UserPoolID, Username: event.UserName})
		if err != nil {
			return event, fmt.Errorf("marshal input: %w", err)
		}
		_, err = client.StartExecution(ctx, &sfn.StartExecutionInput{
			StateMachineArn: aws.String(stateMachine),
			Name:            aws.String(event.Request.UserAttributes["sub"]),
			Input:           aws.String(string(body)),
		})
		if err != nil {
			return event, fmt.Errorf("start execution: %w", err)
		}
		return event, nil
	})
}

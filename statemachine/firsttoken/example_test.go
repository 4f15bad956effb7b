package firsttoken_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.com/onboarding/statemachine/firsttoken"
	"example.com/onboarding/statemachine/grouprules"
	"example.com/onboarding/statemachine/record"
)

// A pool keeps its own Pre Token Generation function, which calls InToken first. Its role
// needs dynamodb:GetItem on the stack's DeliveryTable and cognito-idp:AdminGetUser on the
// pool. Who is invited is onboarded by the stack's sweep then.
func Example() {
	var cfg aws.Config // as the function has it
	rules, err := grouprules.Parse(`[{"attribute": "email", "emailDomain": "example.com", "groups": ["staff"]}]`)
	if err != nil {
		panic(err)
	}
	groups := &firsttoken.Groups{
		Users:        cognitoidentityprovider.NewFromConfig(cfg),
		Records:      record.Table{API: dynamodb.NewFromConfig(cfg), Name: "onboarding-DeliveryTable-1QZ2X3"},
		DefaultGroup: "members",
		Rules:        rules,
		Since:        time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), // when the stack was deployed
		Log:          slog.Default(),
		Now:          time.Now,
	}
	lambda.Start(func(ctx context.Context, event json.RawMessage) (json.RawMessage, error) {
		event = groups.InToken(ctx, event)
		// What the function does with the event follows here.
		return event, nil
	})
}

package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/page"
)

type upCommand struct{}

// Run keeps the local AWS up until ctx ends.
func (upCommand) Run(ctx context.Context, o *options) error {
	if err := o.local().Check(ctx); err != nil || o.Check {
		return err
	}
	aws, err := o.start(ctx)
	if err != nil {
		return err
	}
	defer aws.Close()
	var events feed.Feed
	feed.Watch(ctx, aws, &events)
	aws.Front(func(next http.Handler) http.Handler { return page.Around(next, aws, &events) })
	fmt.Print(instructions(aws))
	<-ctx.Done()
	return nil
}

func instructions(aws *local.AWS) string {
	return strings.NewReplacer(
		"{endpoint}", aws.Endpoint, "{region}", local.Region, "{client}", aws.Stack.ClientID,
		"{pool}", aws.Stack.UserPoolID, "{machine}", aws.Stack.StateMachineARN,
	).Replace(`The local AWS is at {endpoint} (user pool {pool}), and a page
in a browser there. Ctrl-C ends it.
In another terminal:

export AWS_ENDPOINT_URL={endpoint} AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
aws cognito-idp sign-up --client-id {client} --username jane@example.com --password Correct-horse-7 --user-attributes Name=email,Value=jane@example.com Name=name,Value=Jane
aws cognito-idp confirm-sign-up --client-id {client} --username jane@example.com --confirmation-code 123456
aws stepfunctions list-executions --state-machine-arn {machine}
go run ./statemachine/ops doctor --stack onboarding

An execution that stops, and its redrive:

aws cognito-idp delete-group --user-pool-id {pool} --group-name members
aws cognito-idp sign-up --client-id {client} --username joe@example.com --password Correct-horse-7
aws cognito-idp confirm-sign-up --client-id {client} --username joe@example.com --confirmation-code 123456
go run ./statemachine/ops redrive --stack onboarding
aws cognito-idp create-group --user-pool-id {pool} --group-name members
go run ./statemachine/ops redrive --stack onboarding --all
`)
}

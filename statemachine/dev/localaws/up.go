package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/page"
)

type upCommand struct {
	State string `help:"Folder to keep users, profiles and records in, from one start to the next." env:"STATE" type:"path"`
}

// Run keeps the local AWS up until ctx ends, prints a line for all that happens there,
// and keeps the functions what their code is.
func (c upCommand) Run(ctx context.Context, o *options) error {
	o.Port = cmp.Or(o.Port, usualPort())
	if err := o.local().Check(ctx); err != nil || o.Check {
		return err
	}
	aws, err := o.start(ctx)
	if err != nil {
		return err
	}
	defer aws.Close()
	if c.State != "" {
		if err := aws.Restore(ctx, c.State); err != nil {
			return err
		}
		defer c.keep(ctx, aws)
	}
	var events feed.Feed
	feed.Watch(ctx, aws, &events)
	aws.Front(func(next http.Handler) http.Handler { return page.Around(next, aws, &events) })
	fmt.Print(instructions(aws))
	out := newLines(os.Stdout)
	var watching sync.WaitGroup
	watching.Go(func() { aws.Watch(ctx, out.built) })
	for e := range events.Follow(ctx, told...) {
		out.event(e)
	}
	watching.Wait()
	return nil
}

// keep keeps the state when ctx has ended.
func (c upCommand) keep(ctx context.Context, aws *local.AWS) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := aws.Keep(ctx, c.State); err != nil {
		fmt.Fprintln(os.Stderr, "localaws: STATE:", err)
		return
	}
	fmt.Println("state       kept in", c.State)
}

// usualPort returns the same port at each start, so that an app's configuration stays
// right; 0, which is any, if another program has it.
func usualPort() int {
	const usual = 9000
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(usual)))
	if err != nil {
		fmt.Printf("port        %d, the usual one, is taken: this is another one; PORT= chooses\n", usual)
		return 0
	}
	listener.Close() //nolint:errcheck // nobody has called
	return usual
}

func instructions(aws *local.AWS) string {
	return strings.NewReplacer(
		"{endpoint}", aws.Endpoint, "{region}", local.Region, "{client}", aws.Stack.ClientID,
		"{pool}", aws.Stack.UserPoolID, "{machine}", aws.Stack.StateMachineARN, "{logs}", aws.Stack.FunctionLogGroup,
		"{sender}", aws.Stack.SenderEmail,
	).Replace(`The local AWS is at {endpoint}, and a page in a browser there. Ctrl-C ends it. Pool {pool} and
app client {client} are the same at each start. In another terminal:

export AWS_ENDPOINT_URL={endpoint} AWS_REGION={region} AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
aws cognito-idp sign-up --client-id {client} --username jane@example.com --password Correct-horse-7 --user-attributes Name=email,Value=jane@example.com Name=name,Value=Jane
aws cognito-idp confirm-sign-up --client-id {client} --username jane@example.com --confirmation-code 123456
aws stepfunctions list-executions --state-machine-arn {machine}
aws logs tail {logs} --follow
go run ./statemachine/ops doctor --stack onboarding

An execution that stops, and its redrive:

aws ses delete-identity --identity {sender}
aws cognito-idp sign-up --client-id {client} --username joe@example.com --password Correct-horse-7 --user-attributes Name=email,Value=joe@example.com
aws cognito-idp confirm-sign-up --client-id {client} --username joe@example.com --confirmation-code 123456
go run ./statemachine/ops redrive --stack onboarding
aws ses verify-email-identity --email-address {sender}
go run ./statemachine/ops redrive --stack onboarding --all

In an app, with Amplify, amazon-cognito-identity-js, or the AWS SDK for JavaScript in a browser; elsewhere the SDKs read what is exported above:

Amplify.configure({ Auth: { Cognito: { userPoolId: "{pool}", userPoolClientId: "{client}", userPoolEndpoint: "{endpoint}" } } });
new CognitoUserPool({ UserPoolId: "{pool}", ClientId: "{client}", endpoint: "{endpoint}" });
new CognitoIdentityProviderClient({ region: "{region}", endpoint: "{endpoint}" });

`)
}

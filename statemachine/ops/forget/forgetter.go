package forget

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/start"
)

// Source and DetailType are what rules match the event by, Version is that of its
// detail.
const (
	Source     = "onboarding"
	DetailType = "UserForgotten"
	Version    = "1"
)

// UserForgotten is the detail of the event that tells other systems to forget the user,
// too: userforgotten.schema.json documents it. It may be put more than once.
type UserForgotten struct {
	Version string `json:"version"`
	// Sub is the user's sub, or its stand-in: see Input.UserKey.
	Sub         string    `json:"sub"`
	UserPoolID  string    `json:"userPoolId"`
	ForgottenAt time.Time `json:"forgottenAt"`
}

// The parts of AWS's API that forgetting needs.
type (
	usersAPI interface {
		AdminDeleteUser(context.Context, *cognito.AdminDeleteUserInput, ...func(*cognito.Options)) (*cognito.AdminDeleteUserOutput, error)
	}
	executionsAPI interface {
		StopExecution(context.Context, *sfn.StopExecutionInput, ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error)
	}
	itemsAPI interface {
		DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	}
	eventsAPI interface {
		PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
	}
)

// Forgetter forgets users.
type Forgetter struct {
	stack      person.Stack
	users      usersAPI
	executions executionsAPI
	items      itemsAPI
	events     eventsAPI
	now        func() time.Time
}

// New returns a forgetter with the clients of AWS.
func New(s *session.Session, k person.Stack) Forgetter {
	return Forgetter{
		stack: k, users: cognito.NewFromConfig(s.Config), executions: sfn.NewFromConfig(s.Config),
		items: dynamodb.NewFromConfig(s.Config), events: eventbridge.NewFromConfig(s.Config), now: s.Now,
	}
}

// part is one thing to be done for a user to be forgotten.
type part struct {
	what string
	do   func(context.Context) error
}

// parts returns what is to be done, in this order: first what would make the rest anew,
// and the record at the end, because a user with a record is found again when the
// command was broken off.
func (f Forgetter) parts(p *person.Person) []part {
	var parts []part
	if p.User != nil {
		parts = append(parts, part{"user in the pool", func(ctx context.Context) error { return f.DeleteUser(ctx, p.User.Username) }})
	}
	for _, e := range running(p) {
		parts = append(parts, part{"running execution " + e.Name, func(ctx context.Context) error { return f.stop(ctx, e.ARN) }})
	}
	if p.HasProfile {
		parts = append(parts, part{"profile", func(ctx context.Context) error { return f.delete(ctx, f.stack.Profiles, person.ProfileKey(p.Key)) }})
	}
	if len(parts) == 0 && !p.Known() {
		return nil
	}
	return append(parts,
		part{"event " + DetailType, func(ctx context.Context) error { return f.tell(ctx, p.Key) }},
		part{"record", func(ctx context.Context) error { return f.delete(ctx, f.stack.Records, record.KeyOf(p.Key)) }})
}

// plan says what there is to be deleted.
func plan(p *person.Person) []string {
	var names []string
	for _, part := range (Forgetter{}).parts(p) {
		names = append(names, part.what)
	}
	return names
}

func running(p *person.Person) []execution.Execution {
	var found []execution.Execution
	for _, e := range p.Executions {
		if e.Status == "RUNNING" {
			found = append(found, e)
		}
	}
	return found
}

// Forget does all parts, and returns those that were done before one failed.
func (f Forgetter) Forget(ctx context.Context, p *person.Person) (done []string, err error) {
	for _, part := range f.parts(p) {
		if err := part.do(ctx); err != nil {
			return done, err
		}
		done = append(done, part.what)
	}
	return done, nil
}

// DeleteUser deletes the user in the pool, and nothing else. The error does not quote the username.
func (f Forgetter) DeleteUser(ctx context.Context, username string) error {
	_, err := f.users.AdminDeleteUser(ctx, &cognito.AdminDeleteUserInput{UserPoolId: &f.stack.Pool, Username: &username})
	if _, gone := errors.AsType[*cognitotypes.UserNotFoundException](err); gone || err == nil {
		return nil
	}
	return fmt.Errorf("delete the user in the pool: %s", start.ErrorCode(err))
}

func (f Forgetter) stop(ctx context.Context, arn string) error {
	_, err := f.executions.StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: &arn, Error: aws.String(execution.ErrorForgotten)})
	if err != nil {
		return fmt.Errorf("stop execution %s: %w", execution.Name(arn), err)
	}
	return nil
}

func (f Forgetter) delete(ctx context.Context, table string, key map[string]dynamodbtypes.AttributeValue) error {
	if _, err := f.items.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key}); err != nil {
		return fmt.Errorf("delete the item in %s: %w", table, err)
	}
	return nil
}

// tell puts the event. PutEvents answers 200 even if it refused the event.
func (f Forgetter) tell(ctx context.Context, user string) error {
	detail, err := json.Marshal(UserForgotten{Version: Version, Sub: user, UserPoolID: f.stack.Pool, ForgottenAt: f.now().UTC()})
	if err != nil {
		return fmt.Errorf("marshal the event: %w", err)
	}
	out, err := f.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String(Source), DetailType: aws.String(DetailType), Detail: aws.String(string(detail)),
	}}})
	if err != nil {
		return fmt.Errorf("put the event: %w", err)
	}
	for _, entry := range out.Entries {
		if entry.ErrorCode != nil {
			return fmt.Errorf("put the event: %s", *entry.ErrorCode)
		}
	}
	return nil
}

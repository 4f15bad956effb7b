package person

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/start"
)

// ItemsAPI is the part of DynamoDB's API that reads an item.
type ItemsAPI interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

// Finder finds users.
type Finder struct {
	Stack      Stack
	Users      UsersAPI
	Items      ItemsAPI
	Executions execution.API
}

// NewFinder returns a finder with the clients of AWS.
func NewFinder(cfg aws.Config, k Stack) Finder {
	return Finder{Stack: k, Users: cognito.NewFromConfig(cfg), Items: dynamodb.NewFromConfig(cfg), Executions: sfn.NewFromConfig(cfg)}
}

// Person is what is known of a user.
type Person struct {
	// Key names the user, as Input.UserKey does.
	Key string
	// User is what the pool has; nil when the user is not in it.
	User *User
	// HasProfile says that the profile table has the user's item.
	HasProfile bool
	Record     record.Record
	// Resend is the cause of the last Resend: see package resend. Empty without one.
	Resend string
	// Deadline is until when an attempt to mail may still run, or SES may still tell that
	// it took the mail.
	Deadline time.Time
	// Executions are those that Step Functions still knows, the latest last.
	Executions []execution.Execution

	pool string
}

// Known reports whether anything is known of the user but what Step Functions has.
func (p *Person) Known() bool {
	return p.User != nil || p.HasProfile || p.Record.Exists() || p.Resend != ""
}

// CanSignIn reports whether the user is in the pool, confirmed and enabled, and so may
// be onboarded.
func (p *Person) CanSignIn() bool { return p.User != nil && p.User.Enabled && p.User.Confirmed() }

// keys are the forms of Input.UserKey.
var keys = regexp.MustCompile(`^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9a-f]{64})$`)

// IsKey reports whether the text may be the key of a user.
func IsKey(text string) bool { return keys.MatchString(text) }

// Find returns what is known of the user of that sub, mail address or username. A user
// who is not in the pool any more is found by the sub.
func (f Finder) Find(ctx context.Context, name string) (*Person, error) {
	p := &Person{pool: f.Stack.Pool}
	var err error
	if p.User, err = find(ctx, f.Users, f.Stack.Pool, name); err != nil {
		return nil, err
	}
	switch {
	case p.User != nil:
		p.Key = p.User.input(p.pool).UserKey()
		if err := p.User.groups(ctx, f.Users, p.pool); err != nil {
			return nil, err
		}
	case IsKey(name):
		p.Key = name
	default:
		return nil, errors.New("the pool has no such user; one who was deleted is found by the sub")
	}
	if err := f.readItems(ctx, p); err != nil {
		return nil, err
	}
	if err := f.readExecutions(ctx, p); err != nil || len(p.Executions) == 0 {
		return p, err
	}
	return p, f.readItems(ctx, p) // an execution may have ended meanwhile, and given what was not there before
}

func (f Finder) readItems(ctx context.Context, p *Person) error {
	item, err := f.item(ctx, f.Stack.Records, record.KeyOf(p.Key))
	if err != nil {
		return fmt.Errorf("get the record: %w", err)
	}
	p.Record, p.Resend = record.Read(item), stringOf(item["resend"])
	for _, member := range []string{"deadline", "receiptBy"} { // the later one last
		var milliseconds int64
		if n, ok := item[member].(*types.AttributeValueMemberN); ok && json.Unmarshal([]byte(n.Value), &milliseconds) == nil {
			p.Deadline = time.UnixMilli(milliseconds)
		}
	}
	if f.Stack.Profiles == "" {
		return nil
	}
	item, err = f.item(ctx, f.Stack.Profiles, ProfileKey(p.Key))
	if err != nil {
		return fmt.Errorf("get the profile: %w", err)
	}
	p.HasProfile = item != nil
	return nil
}

// ProfileKey is the key of a user's item in the profile table: see steps/saveprofile.
func ProfileKey(user string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"sub": &types.AttributeValueMemberS{Value: user}}
}

func (f Finder) item(ctx context.Context, table string, key map[string]types.AttributeValue) (map[string]types.AttributeValue, error) {
	out, err := f.Items.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// readExecutions reads the executions that may be the user's: the first one, those that
// the record names, and those that were started again for a cause that can be known.
// Step Functions cannot list executions by the beginning of their names.
func (f Finder) readExecutions(ctx context.Context, p *Person) error {
	names := []string{p.Key}
	for state, s := range p.Record.Steps {
		names = append(names, s.Execution, p.named(start.CauseSkipped(state, s.Reason, s.At)))
	}
	if p.Resend != "" {
		names = append(names, p.named(p.Resend))
	}
	reader, seen := execution.NewReader(f.Executions, readRate), map[string]bool{"": true}
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		e, err := reader.Read(ctx, execution.ARN(f.Stack.Machine, name))
		if _, none := errors.AsType[*sfntypes.ExecutionDoesNotExist](err); none {
			continue
		}
		if err != nil {
			return err
		}
		p.Executions = append(p.Executions, e)
		names = append(names, p.named(start.CauseStopped(name, e.StopDate)))
	}
	slices.SortFunc(p.Executions, func(a, b execution.Execution) int {
		return cmp.Or(a.StartDate.Compare(b.StartDate), cmp.Compare(a.Name, b.Name))
	})
	return nil
}

// readRate is how many executions a second are read, of the few that a user has.
const readRate = 5

// named returns the name of the execution for a cause.
func (p *Person) named(cause string) string { return p.Input().ExecutionName(cause) }

// Input is what to start an execution of the user with: what the first one was started
// with, as far as Step Functions still knows it, because it has what only the sign-up
// knew.
func (p *Person) Input() statemachine.Input {
	in := statemachine.Input{UserPoolID: p.pool, Sub: p.Key}
	if p.User != nil {
		in = p.User.input(p.pool)
	}
	for _, e := range p.Executions {
		var first statemachine.Input
		if json.Unmarshal([]byte(e.Input), &first) == nil && first.UserKey() == p.Key && first.Username != "" {
			return first
		}
	}
	return in
}

func stringOf(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

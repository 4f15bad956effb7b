package sweep_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/sweep"
)

const (
	poolID = "us-east-1_Example01"
	table  = "records"
	alias  = "arn:aws:states:us-east-1:123456789012:stateMachine:onboarding:live"
	day    = 24 * time.Hour
)

var now = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

type (
	listFunc     func(*cognitoidentityprovider.ListUsersInput) (*cognitoidentityprovider.ListUsersOutput, error)
	batchFunc    func(*dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error)
	describeFunc func(*sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error)
	startFunc    func(*sfn.StartExecutionInput) error
	paceFunc     func(call func() error) error
)

func (f listFunc) ListUsers(_ context.Context, in *cognitoidentityprovider.ListUsersInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error) {
	return f(in)
}

func (f batchFunc) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return f(in)
}

func (f describeFunc) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	return f(in)
}

func (f startFunc) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	return &sfn.StartExecutionOutput{}, f(in)
}

func (f paceFunc) Do(_ context.Context, call func() error) error { return f(call) }

func atOnce(call func() error) error { return call() }

// executions are those that Step Functions knows, by name, and what was started.
type executions struct {
	startFunc
	describeFunc
}

// world is what a sweep looks at.
type world struct {
	t       *testing.T
	users   []cognito.UserType
	records map[string]map[string]ddb.AttributeValue // by user
	known   map[string]*sfn.DescribeExecutionOutput  // by name
	started []string
	inputs  []string
}

// sweep returns a sweep of the world, in which a start is an execution that runs.
func (w *world) sweep() *sweep.Sweep {
	if w.known == nil {
		w.known = make(map[string]*sfn.DescribeExecutionOutput)
	}
	return &sweep.Sweep{
		Users: listFunc(w.list), Records: batchFunc(w.batch),
		Executions: executions{func(in *sfn.StartExecutionInput) error {
			if *in.StateMachineArn != alias {
				w.t.Errorf("started %s, want %s", *in.StateMachineArn, alias)
			}
			if w.known[*in.Name] != nil {
				return &types.ExecutionAlreadyExists{}
			}
			w.known[*in.Name] = running()
			w.started, w.inputs = append(w.started, *in.Name), append(w.inputs, *in.Input)
			return nil
		}, w.describe},
		UserPoolID: poolID, RecordTable: table, StateMachineARN: alias, Grace: sweep.Grace,
		Pages: paceFunc(atOnce), Each: paceFunc(atOnce), Now: func() time.Time { return now },
	}
}

// list returns two users a page.
func (w *world) list(in *cognitoidentityprovider.ListUsersInput) (*cognitoidentityprovider.ListUsersOutput, error) {
	from := 0
	if in.PaginationToken != nil {
		fmt.Sscan(*in.PaginationToken, &from) //nolint:errcheck // ours
	}
	to := min(from+2, len(w.users))
	out := &cognitoidentityprovider.ListUsersOutput{Users: w.users[from:to]}
	if to < len(w.users) {
		out.PaginationToken = aws.String(fmt.Sprint(to)) //nolint:perfsprint // a test
	}
	return out, nil
}

// batch leaves all keys but the first unprocessed.
func (w *world) batch(in *dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) {
	keys := in.RequestItems[table].Keys
	out := &dynamodb.BatchGetItemOutput{Responses: make(map[string][]map[string]ddb.AttributeValue)}
	key := keys[0][record.KeyName].(*ddb.AttributeValueMemberS).Value
	if item := w.records[strings.TrimSuffix(key, "/welcome")]; item != nil {
		out.Responses[table] = append(out.Responses[table], item)
	}
	if len(keys) > 1 {
		out.UnprocessedKeys = map[string]ddb.KeysAndAttributes{table: {Keys: keys[1:]}}
	}
	return out, nil
}

func (w *world) describe(in *sfn.DescribeExecutionInput) (*sfn.DescribeExecutionOutput, error) {
	name, ours := strings.CutPrefix(*in.ExecutionArn, "arn:aws:states:us-east-1:123456789012:execution:onboarding:")
	if !ours {
		w.t.Errorf("described %s", *in.ExecutionArn)
	}
	if x := w.known[name]; x != nil {
		return x, nil
	}
	return nil, &types.ExecutionDoesNotExist{}
}

// run sweeps all pages, and returns the verdicts by user.
func (w *world) run(change ...func(*sweep.Sweep)) map[string]sweep.User {
	w.t.Helper()
	s := w.sweep()
	for _, c := range change {
		c(s)
	}
	w.started, w.inputs = nil, nil
	all := make(map[string]sweep.User)
	for token := ""; ; {
		users, next, err := s.Page(w.t.Context(), token)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, u := range users {
			all[u.Input.UserKey()] = u
		}
		if token = next; token == "" {
			return all
		}
	}
}

// subOf returns a sub for a number.
func subOf(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// user is one who was created a hundred days ago, and modified yesterday.
func user(n int, attributes ...string) cognito.UserType {
	u := cognito.UserType{
		Username: aws.String(subOf(n)), Enabled: true, UserStatus: cognito.UserStatusTypeConfirmed,
		UserCreateDate: aws.Time(now.Add(-100 * day)), UserLastModifiedDate: aws.Time(now.Add(-day)),
	}
	attributes = append(attributes, "sub", subOf(n))
	for pair := range slices.Chunk(attributes, 2) {
		u.Attributes = append(u.Attributes, cognito.AttributeType{Name: &pair[0], Value: &pair[1]})
	}
	return u
}

// put keeps the record of a user, of whom these steps ended.
func (w *world) put(n int, onboarded bool, steps map[string]record.Step) {
	w.t.Helper()
	item := record.KeyOf(subOf(n))
	fake := recorder{item}
	for state, s := range steps {
		if s.Result == nil {
			s.Result = json.RawMessage(`{}`)
		}
		if err := (record.Table{API: fake, Name: table}).StepEnded(w.t.Context(), subOf(n), state, s, onboarded); err != nil {
			w.t.Fatal(err)
		}
	}
	if w.records == nil {
		w.records = make(map[string]map[string]ddb.AttributeValue)
	}
	w.records[subOf(n)] = item
}

// recorder is a table of one item.
type recorder struct{ item map[string]ddb.AttributeValue }

func (recorder) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, nil
}

func (r recorder) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	r.item[in.ExpressionAttributeNames["#state"]] = in.ExpressionAttributeValues[":step"]
	if at := in.ExpressionAttributeValues[":at"]; at != nil {
		r.item["onboardedAt"] = at
	}
	return &dynamodb.UpdateItemOutput{}, nil
}

func done(at time.Time) record.Step { return record.Step{Status: statemachine.StatusDone, At: at} }

func skipped(until statemachine.Condition, at time.Time) record.Step {
	return record.Step{Status: statemachine.StatusSkipped, Reason: "a reason", Until: until, At: at}
}

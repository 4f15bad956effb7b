package doctor

import (
	"context"
	"maps"
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

	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/record"
)

func TestSweep(t *testing.T) {
	for _, test := range []struct {
		name       string
		parameters map[string]string
		last       types.ExecutionStatus
		age        time.Duration
		want       string
	}{
		{"succeeded", nil, types.ExecutionStatusSucceeded, 100 * session.Day, ""},
		{"runs", nil, types.ExecutionStatusRunning, 100 * session.Day, ""},
		{"failed", nil, types.ExecutionStatusFailed, 100 * session.Day, "warning: the last sweep: FAILED | aws stepfunctions start-execution --state-machine-arn sweeper"},
		{"none, new stack", nil, "", session.Day, "ok: there was none yet"},
		{"none, old stack", nil, "", 3 * session.Day, "warning: there was no sweep"},
		{"off", map[string]string{"SweepSchedule": "off"}, "", 0, "warning: the sweep is off: whom"},
		{"existing pool", map[string]string{"ExistingUserPoolId": "p_1"}, "", 0, "warning: the sweep is off, because SweepSince"},
		{"existing pool, since", map[string]string{"ExistingUserPoolId": "p_1", "SweepSince": "2026-01-01"}, types.ExecutionStatusSucceeded, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := healthyStack()
			k.created = opstest.Now.Add(-test.age)
			maps.Copy(k.parameters, test.parameters)
			found, err := checkSweep(t.Context(), listFunc(func(in *sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
				out := new(sfn.ListExecutionsOutput)
				if test.last != "" && *in.StateMachineArn == "sweeper" {
					out.Executions = []types.ExecutionListItem{{Status: test.last}}
				}
				return out, nil
			}), k, opstest.Now)
			if got := summary(t, found); err != nil || (got == "") != (test.want == "") || !strings.HasPrefix(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

type (
	batchFunc func(user string) map[string]ddb.AttributeValue
	findFunc  func(filter string) []cognito.UserType
)

func (f batchFunc) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	key := in.RequestItems["deliveries"].Keys[0][record.KeyName].(*ddb.AttributeValueMemberS).Value
	out := &dynamodb.BatchGetItemOutput{Responses: make(map[string][]map[string]ddb.AttributeValue)}
	if item := f(strings.TrimSuffix(key, "/welcome")); item != nil {
		out.Responses["deliveries"] = append(out.Responses["deliveries"], item)
	}
	return out, nil
}

func (f findFunc) ListUsers(_ context.Context, in *cognitoidentityprovider.ListUsersInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error) {
	return &cognitoidentityprovider.ListUsersOutput{Users: f(*in.Filter)}, nil
}

// TestExpiredExecutions has an execution that failed and expired for each user: of
// those two lack something.
func TestExpiredExecutions(t *testing.T) {
	api := expiredAPI{
		listFunc(func(in *sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
			out := new(sfn.ListExecutionsOutput)
			for name, days := range map[string]time.Duration{"first": 15, "second_again": 20, "second": 40, "onboarded": 15, "deleted": 15, "recent": 13} {
				if in.StatusFilter == types.ExecutionStatusFailed {
					out.Executions = append(out.Executions, types.ExecutionListItem{Name: &name, StopDate: aws.Time(opstest.Now.Add(-days * session.Day))})
				}
			}
			return out, nil
		}),
		batchFunc(func(user string) map[string]ddb.AttributeValue {
			if user != "onboarded" {
				return nil
			}
			return map[string]ddb.AttributeValue{"onboardedAt": &ddb.AttributeValueMemberS{Value: "2026-03-01T12:00:00.123Z"}}
		}),
		findFunc(func(filter string) []cognito.UserType {
			if strings.Contains(filter, `"deleted"`) {
				return nil
			}
			return []cognito.UserType{{Enabled: true}}
		}),
	}
	found, err := checkExpired(t.Context(), api, healthyStack(), opstest.Now)
	if got := summary(t, found); err != nil || !strings.Contains(got, "not onboarded: 2 | go run ./statemachine/ops backfill") {
		t.Errorf("found %q, %v; want two users", got, err)
	}
}

package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/session"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/sweep"
)

// checkSweep checks that the sweep is on, and how the last one ended. A stack that is
// younger than two days may be without one.
func checkSweep(ctx context.Context, api sfn.ListExecutionsAPIClient, k *stack, now time.Time) ([]Finding, error) {
	arn, err := k.physical("SweepStateMachine")
	if err != nil {
		return nil, err
	}
	if k.parameters["SweepSchedule"] == "off" {
		return []Finding{warning("the sweep is off: whom the trigger misses is not onboarded", "set SweepSchedule, and deploy")}, nil
	}
	if k.parameters["ExistingUserPoolId"] != "" && k.parameters["SweepSince"] == "" {
		return []Finding{warning("the sweep is off, because SweepSince does not say which users of the pool it may onboard, and mail", "set SweepSince, and deploy")}, nil
	}
	out, err := api.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &arn, MaxResults: 1})
	if err != nil {
		return nil, fmt.Errorf("list sweeps: %w", err)
	}
	again := "aws stepfunctions start-execution --state-machine-arn " + quote(arn)
	switch {
	case len(out.Executions) == 0 && now.Sub(k.created) > 2*session.Day:
		return []Finding{warning("there was no sweep in the last 90 days", again)}, nil
	case len(out.Executions) == 0:
		return []Finding{fine("there was none yet")}, nil
	case out.Executions[0].Status != types.ExecutionStatusRunning && out.Executions[0].Status != types.ExecutionStatusSucceeded:
		return []Finding{warning(fmt.Sprintf("the last sweep: %s", out.Executions[0].Status), again)}, nil
	}
	return nil, nil
}

// expiredAPI is what it takes to know of users whose execution can go on no more.
type expiredAPI struct {
	executions sfn.ListExecutionsAPIClient
	records    sweep.Records
	users      sweep.Users
}

// maxExpired is how many users are looked up in the pool at most: those who were
// deleted since are nobody's work.
const maxExpired = 20

// checkExpired looks for users whose execution failed, can no longer be redriven, and
// who are not onboarded. The first page of executions is enough to say that there are
// some.
func checkExpired(ctx context.Context, api expiredAPI, k *stack, now time.Time) ([]Finding, error) {
	arn, err := k.physical("OnboardingStateMachine")
	if err != nil {
		return nil, err
	}
	var users []string
	for _, status := range []types.ExecutionStatus{types.ExecutionStatusFailed, types.ExecutionStatusTimedOut} {
		out, err := api.executions.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &arn, StatusFilter: status, MaxResults: 1000})
		if err != nil {
			return nil, fmt.Errorf("list executions: %w", err)
		}
		for _, x := range out.Executions {
			user, _, _ := strings.Cut(aws.ToString(x.Name), "_")
			if now.Sub(aws.ToTime(x.StopDate)) > redrivable && !slices.Contains(users, user) {
				users = append(users, user)
			}
		}
	}
	n := 0
	for _, user := range users[:min(len(users), maxExpired)] {
		lacks, err := api.lacks(ctx, k, user)
		if err != nil {
			return nil, err
		}
		if lacks {
			n++
		}
	}
	if n == 0 {
		return nil, nil
	}
	more := ""
	if len(users) > maxExpired {
		more = "at least "
	}
	return []Finding{warning(fmt.Sprintf("users whose execution stopped more than 14 days ago, cannot be redriven, and who are not onboarded: %s%d", more, n),
		"go run ./statemachine/ops backfill --stack "+quote(k.name))}, nil
}

// lacks reports whether a user of the pool is not onboarded.
func (api expiredAPI) lacks(ctx context.Context, k *stack, user string) (bool, error) {
	table, err := k.physical("DeliveryTable")
	if err != nil {
		return false, err
	}
	out, err := api.records.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]ddb.KeysAndAttributes{table: {Keys: []map[string]ddb.AttributeValue{record.KeyOf(user)}}},
	})
	if err != nil {
		return false, fmt.Errorf("get a record: %w", err)
	}
	if items := out.Responses[table]; len(items) > 0 && record.Read(items[0]).Onboarded() {
		return false, nil
	}
	found, err := api.users.ListUsers(ctx, &cognitoidentityprovider.ListUsersInput{
		UserPoolId: aws.String(k.outputs["UserPoolId"]), Filter: aws.String(`sub = "` + user + `"`), Limit: aws.Int32(1),
	})
	if err != nil {
		return false, fmt.Errorf("look for a user: %w", err)
	}
	return len(found.Users) > 0 && found.Users[0].Enabled, nil
}

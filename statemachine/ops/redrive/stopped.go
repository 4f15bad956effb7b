package redrive

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/pace"
)

// stopStatuses are those of executions that did not succeed.
var stopStatuses = []types.ExecutionStatus{types.ExecutionStatusFailed, types.ExecutionStatusTimedOut, types.ExecutionStatusAborted}

// stopped is an execution that was listed as one that stopped before its end; another
// operator may have redriven it meanwhile.
type stopped struct {
	execution.Execution

	Username string `json:"username,omitempty"`
	Result   result `json:"result,omitempty"`
	Detail   string `json:"detail,omitempty"`
}

// list returns the ARNs of the state machine's executions that stopped since then. It
// is read to its end before the first redrive, which would change it: a thousand
// executions are one call.
func list(ctx context.Context, api sfn.ListExecutionsAPIClient, stateMachineARN string, since time.Time) ([]string, error) {
	paced := pace.New(pace.ListExecutionsRate, pace.ListExecutionsBurst)
	var arns []string
	for _, status := range stopStatuses {
		pages := sfn.NewListExecutionsPaginator(api, &sfn.ListExecutionsInput{
			StateMachineArn: &stateMachineARN, StatusFilter: status, MaxResults: 1000,
		})
		for pages.HasMorePages() {
			page, err := pace.Next(ctx, paced, "list executions", pages.NextPage)
			if err != nil {
				return nil, err
			}
			for _, e := range page.Executions {
				if e.StopDate == nil || !e.StopDate.Before(since) {
					arns = append(arns, *e.ExecutionArn)
				}
			}
		}
	}
	return arns, nil
}

// usernameOf returns the username in an execution's input.
func usernameOf(input string) string {
	var in statemachine.Input
	if json.Unmarshal([]byte(input), &in) != nil {
		return ""
	}
	return in.Username
}

package doctor

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/session"
)

type listFunc func(*sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error)

func (f listFunc) ListExecutions(_ context.Context, in *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	return f(in)
}

type machineFunc func() (*sfn.DescribeStateMachineOutput, error)

func (f machineFunc) DescribeStateMachine(context.Context, *sfn.DescribeStateMachineInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	return f()
}

func TestStateMachine(t *testing.T) {
	for _, test := range []struct {
		kind   types.StateMachineType
		status types.StateMachineStatus
		want   string
	}{
		{types.StateMachineTypeStandard, types.StateMachineStatusActive, ""},
		{types.StateMachineTypeExpress, types.StateMachineStatusActive, "fault: the state machine is EXPRESS"},
		{types.StateMachineTypeStandard, types.StateMachineStatusDeleting, "fault: the state machine is DELETING"},
	} {
		api := machineFunc(func() (*sfn.DescribeStateMachineOutput, error) {
			return &sfn.DescribeStateMachineOutput{Type: test.kind, Status: test.status}, nil
		})
		found, err := checkMachine(t.Context(), api, healthyStack())
		if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s %s: found %q, %v; want %q", test.kind, test.status, got, err, test.want)
		}
	}
}

func TestStoppedExecutions(t *testing.T) {
	stopped := func(n int, ago time.Duration) []types.ExecutionListItem {
		return slices.Repeat([]types.ExecutionListItem{{StopDate: aws.Time(opstest.Now.Add(-ago))}}, n)
	}
	for _, test := range []struct {
		name             string
		failed, timedOut []types.ExecutionListItem
		more             *string
		want             string
	}{
		{"none", nil, nil, nil, ""},
		{"some", stopped(2, time.Hour), stopped(1, 13*session.Day), nil, "warning: executions that stopped in the last 14 days, and wait to be redriven: 3 | go run ./statemachine/ops redrive --stack onboarding\n"},
		{"too long ago to be redriven", stopped(2, 15*session.Day), nil, nil, ""},
		{"more than a page", stopped(1000, time.Hour), nil, aws.String("next"), "more than 1000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := listFunc(func(in *sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
				if in.StatusFilter == types.ExecutionStatusFailed {
					return &sfn.ListExecutionsOutput{Executions: test.failed, NextToken: test.more}, nil
				}
				return &sfn.ListExecutionsOutput{Executions: test.timedOut}, nil
			})
			found, err := checkExecutions(t.Context(), api, healthyStack(), opstest.Now)
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	denied := listFunc(func(*sfn.ListExecutionsInput) (*sfn.ListExecutionsOutput, error) {
		return nil, opstest.APIError("AccessDeniedException")
	})
	if _, err := checkExecutions(t.Context(), denied, healthyStack(), opstest.Now); err == nil {
		t.Error("a denied call is no error")
	}
}

package verify

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// alarm is one with its state, and what its history says when it has gone off.
type alarm struct {
	state    types.StateValue
	disabled bool
	history  string
	setError error

	set []types.StateValue
}

func (a *alarm) DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	if a.state == "" {
		return &cloudwatch.DescribeAlarmsOutput{}, nil
	}
	return &cloudwatch.DescribeAlarmsOutput{MetricAlarms: []types.MetricAlarm{{ActionsEnabled: aws.Bool(!a.disabled), StateValue: a.state}}}, nil
}

func (a *alarm) SetAlarmState(_ context.Context, in *cloudwatch.SetAlarmStateInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.SetAlarmStateOutput, error) {
	a.set = append(a.set, in.StateValue)
	return nil, a.setError
}

func (a *alarm) DescribeAlarmHistory(context.Context, *cloudwatch.DescribeAlarmHistoryInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmHistoryOutput, error) {
	out := new(cloudwatch.DescribeAlarmHistoryOutput)
	if a.history != "" {
		out.AlarmHistoryItems = []types.AlarmHistoryItem{{HistorySummary: &a.history, HistoryData: aws.String(`{"error": "KMS.Disabled"}`)}}
	}
	return out, nil
}

func TestAlarmMustReachItsTopicAndIsOKAgain(t *testing.T) {
	both := []types.StateValue{types.StateValueAlarm, types.StateValueOk}
	for name, test := range map[string]struct {
		alarm
		want string
		set  []types.StateValue
	}{
		"taken":           {alarm{state: "OK", history: "Successfully executed action arn:topic"}, "ok: name: Successfully", both},
		"no data so far":  {alarm{state: "INSUFFICIENT_DATA", history: "Successfully executed action arn:topic"}, "ok: name: Successfully", both},
		"refused":         {alarm{state: "OK", history: "Failed to execute action arn:topic"}, "FAILED: name: Failed to execute action arn:topic KMS.Disabled", both},
		"nothing happens": {alarm{state: "OK"}, "FAILED: the history of the alarm name has no action", both},
		"switched off":    {alarm{state: "OK", disabled: true}, "FAILED: the actions of the alarm name are switched off", nil},
		"gone off before": {alarm{state: "ALARM"}, "not checked: the alarm name has gone off by itself", nil},
		"not there":       {alarm{}, `FAILED: there is no alarm "name"`, nil},
		"error":           {alarm{state: "OK", setError: opstest.APIError("InternalFailure")}, "FAILED: set the alarm name to ALARM", both[:1]},
	} {
		want(t, name, outcome(t, func(ctx context.Context) (string, error) { return checkAlarm(ctx, &test.alarm, "name", atOnce) }), test.want)
		if got := test.alarm.set; !slices.Equal(got, test.set) {
			t.Errorf("%s: set to %v, want %v", name, got, test.set)
		}
	}
}

package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// testedAlarm is the logical ID of the alarm that is tried: one for which no deployment is
// taken back, as it may be for those of executions.
const testedAlarm = "UsersFoundAlarm"

const testReason = "This is a test by ops verify. Nothing is wrong."

type alarmAPI interface {
	cloudwatch.DescribeAlarmsAPIClient
	cloudwatch.DescribeAlarmHistoryAPIClient
	SetAlarmState(context.Context, *cloudwatch.SetAlarmStateInput, ...func(*cloudwatch.Options)) (*cloudwatch.SetAlarmStateOutput, error)
}

// checkAlarm sets an alarm off, and looks in its history whether the topic took it. Then
// the alarm is OK again; it would be by itself in a minute.
func checkAlarm(ctx context.Context, api alarmAPI, name string, p patience) (seen string, err error) {
	if name == "" {
		return "", uncheckedError("the stack has no " + testedAlarm)
	}
	out, err := api.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	if err != nil {
		return "", fmt.Errorf("describe the alarm: %w", err)
	}
	switch {
	case len(out.MetricAlarms) != 1:
		return "", fmt.Errorf("there is no alarm %q", name)
	case !aws.ToBool(out.MetricAlarms[0].ActionsEnabled):
		return "", fmt.Errorf("the actions of the alarm %s are switched off", name)
	case out.MetricAlarms[0].StateValue == types.StateValueAlarm:
		return "", uncheckedError("the alarm " + name + " has gone off by itself")
	}
	since := time.Now()
	if err := setState(ctx, api, name, types.StateValueAlarm); err != nil {
		return "", err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		if back := setState(ctx, api, name, types.StateValueOk); err == nil {
			err = back
		}
	}()
	acted, err := p.until(ctx, func() (bool, error) {
		var err error
		seen, err = action(ctx, api, name, since)
		return seen != "", err
	})
	if err == nil && !acted {
		err = fmt.Errorf("the history of the alarm %s has no action after %s", name, p.wait)
	}
	return seen, err
}

func setState(ctx context.Context, api alarmAPI, name string, state types.StateValue) error {
	_, err := api.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: &name, StateValue: state, StateReason: aws.String(testReason)})
	if err != nil {
		return fmt.Errorf("set the alarm %s to %s: %w", name, state, err)
	}
	return nil
}

// action returns what the alarm did; empty if it has not done anything yet.
func action(ctx context.Context, api alarmAPI, name string, since time.Time) (string, error) {
	out, err := api.DescribeAlarmHistory(ctx, &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: &name, HistoryItemType: types.HistoryItemTypeAction, StartDate: aws.Time(since.Add(-10 * time.Second)), // clocks differ
	})
	if err != nil {
		return "", fmt.Errorf("read the history of the alarm: %w", err)
	}
	var failed error
	for _, item := range out.AlarmHistoryItems {
		summary := aws.ToString(item.HistorySummary)
		if strings.HasPrefix(summary, "Successfully executed action") {
			return name + ": " + summary, nil
		}
		var data struct{ Error string }
		json.Unmarshal([]byte(aws.ToString(item.HistoryData)), &data) //nolint:errcheck // then there is no more to say
		failed = fmt.Errorf("%s: %s %s", name, summary, data.Error)
	}
	return "", failed
}

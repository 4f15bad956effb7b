package verify

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// metrics are what an alarm watches, and what the metrics count by; each is one set of
// dimensions.
type metrics struct{ alarm, counted []types.Dimension }

func (m metrics) DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	return &cloudwatch.DescribeAlarmsOutput{MetricAlarms: []types.MetricAlarm{
		{Namespace: aws.String("Onboarding"), Dimensions: dimensions("Machine", opstest.MachineARN)},
		{Namespace: aws.String(statesNamespace), Dimensions: dimensions("StateMachineArn", opstest.MachineARN+"-sweep")},
		{Namespace: aws.String(statesNamespace), Dimensions: m.alarm},
	}}, nil
}

func (m metrics) GetMetricStatistics(_ context.Context, in *cloudwatch.GetMetricStatisticsInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricStatisticsOutput, error) {
	out := new(cloudwatch.GetMetricStatisticsOutput)
	if shown(in.Dimensions) == shown(m.counted) {
		out.Datapoints = []types.Datapoint{{Sum: aws.Float64(1)}, {Sum: aws.Float64(2)}}
	}
	return out, nil
}

func (m metrics) ListMetrics(context.Context, *cloudwatch.ListMetricsInput, ...func(*cloudwatch.Options)) (*cloudwatch.ListMetricsOutput, error) {
	return &cloudwatch.ListMetricsOutput{Metrics: []types.Metric{{Dimensions: m.counted}, {Dimensions: dimensions("StateMachineArn", opstest.OtherARN)}}}, nil
}

func dimensions(namesAndValues ...string) []types.Dimension {
	var all []types.Dimension
	for i := 0; i < len(namesAndValues); i += 2 {
		all = append(all, types.Dimension{Name: &namesAndValues[i], Value: &namesAndValues[i+1]})
	}
	return all
}

func TestExecutionsMustCountByWhatTheAlarmsWatch(t *testing.T) {
	machine, alias := dimensions("StateMachineArn", opstest.MachineARN), dimensions("StateMachineArn", opstest.MachineARN, "Alias", "live")
	for name, test := range map[string]struct {
		metrics
		want string
	}{
		"by the state machine":       {metrics{machine, machine}, "ok: 3 executions with StateMachineArn"},
		"by the alias alone":         {metrics{machine, alias}, "FAILED: no execution counts with StateMachineArn within 0s; there are metrics with Alias+StateMachineArn"},
		"not yet":                    {metrics{machine, nil}, "not checked: CloudWatch has no metric ExecutionsStarted"},
		"nothing watches":            {metrics{nil, machine}, "FAILED: no alarm of the stack"},
		"an alarm that has an alias": {metrics{alias, alias}, "ok: 3 executions with Alias+StateMachineArn"},
	} {
		want(t, name, outcome(t, func(ctx context.Context) (string, error) {
			return checkDimensions(ctx, test.metrics, []string{"alarm"}, opstest.MachineARN, opstest.Now, atOnce)
		}), test.want)
	}
}

package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// The metric that each execution has, in the namespace of those that alarms watch.
const (
	statesNamespace = "AWS/States"
	startedMetric   = "ExecutionsStarted"
)

type metricsAPI interface {
	cloudwatch.DescribeAlarmsAPIClient
	cloudwatch.ListMetricsAPIClient
	GetMetricStatistics(context.Context, *cloudwatch.GetMetricStatisticsInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricStatisticsOutput, error)
}

// checkDimensions checks that executions which were started by the alias count in metrics
// with the dimensions that the stack's alarms of the state machine have. If they counted
// by alias or version alone, these alarms would never go off. CloudWatch may lose one or
// the other
// (https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html).
func checkDimensions(ctx context.Context, api metricsAPI, alarms []string, machine string, since time.Time, p patience) (seen string, err error) {
	watched, err := watchedDimensions(ctx, api, alarms, machine)
	if err != nil {
		return "", err
	}
	if len(watched) == 0 {
		return "", fmt.Errorf("no alarm of the stack watches the state machine in %s", statesNamespace)
	}
	missing := ""
	counted, err := p.until(ctx, func() (bool, error) {
		for _, name := range slices.Sorted(maps.Keys(watched)) {
			n, err := started(ctx, api, watched[name], since)
			if err != nil || n == 0 {
				missing = name
				return false, err
			}
			seen = fmt.Sprintf("%.0f executions with %s", n, name)
		}
		return true, nil
	})
	if err != nil || counted {
		return seen, err
	}
	return "", uncounted(ctx, api, machine, missing, p)
}

// watchedDimensions returns the dimensions of alarms of the state machine, by what is
// shown of them.
func watchedDimensions(ctx context.Context, api metricsAPI, alarms []string, machine string) (map[string][]types.Dimension, error) {
	found := make(map[string][]types.Dimension)
	pages := cloudwatch.NewDescribeAlarmsPaginator(api, &cloudwatch.DescribeAlarmsInput{AlarmNames: alarms})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("describe the alarms: %w", err)
		}
		for _, a := range page.MetricAlarms {
			if aws.ToString(a.Namespace) == statesNamespace && isOf(a.Dimensions, machine) {
				found[shown(a.Dimensions)] = a.Dimensions
			}
		}
	}
	return found, nil
}

// isOf reports whether a dimension is the state machine, or an alias or version of it.
func isOf(dimensions []types.Dimension, machine string) bool {
	return slices.ContainsFunc(dimensions, func(d types.Dimension) bool {
		return aws.ToString(d.Value) == machine || strings.HasPrefix(aws.ToString(d.Value), machine+":")
	})
}

func shown(dimensions []types.Dimension) string {
	names := make([]string, len(dimensions))
	for i, d := range dimensions {
		names[i] = aws.ToString(d.Name)
	}
	slices.Sort(names)
	return strings.Join(names, "+")
}

// started returns how many executions were started, as the metric with exactly these
// dimensions says.
func started(ctx context.Context, api metricsAPI, dimensions []types.Dimension, since time.Time) (float64, error) {
	out, err := api.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: aws.String(statesNamespace), MetricName: aws.String(startedMetric), Dimensions: dimensions,
		StartTime: aws.Time(since.Truncate(time.Minute)), EndTime: aws.Time(time.Now().Add(time.Minute)), Period: aws.Int32(60),
		Statistics: []types.Statistic{types.StatisticSum},
	})
	if err != nil {
		return 0, fmt.Errorf("read the metric %s: %w", startedMetric, err)
	}
	n := 0.0
	for _, d := range out.Datapoints {
		n += aws.ToFloat64(d.Sum)
	}
	return n, nil
}

// uncounted says with what dimensions the executions count instead. Without any, the
// metric is late, or there is none here.
func uncounted(ctx context.Context, api metricsAPI, machine, missing string, p patience) error {
	others := make(map[string]bool)
	pages := cloudwatch.NewListMetricsPaginator(api, &cloudwatch.ListMetricsInput{Namespace: aws.String(statesNamespace), MetricName: aws.String(startedMetric)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the metrics: %w", err)
		}
		for _, m := range page.Metrics {
			if isOf(m.Dimensions, machine) {
				others[shown(m.Dimensions)] = true
			}
		}
	}
	if len(others) == 0 {
		return uncheckedError(fmt.Sprintf("CloudWatch has no metric %s of the state machine within %s; it lists a new one after 15 minutes at the latest", startedMetric, p.wait))
	}
	return fmt.Errorf("no execution counts with %s within %s; there are metrics with %s", missing, p.wait, strings.Join(slices.Sorted(maps.Keys(others)), ", "))
}

package statemachine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/onboarding/statemachine"
)

// awsMetrics has the dimension of each metric of AWS that the dashboard shows, and
// the type of what that names.
var awsMetrics = map[string][2]string{
	// https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
	"AWS/States ExecutionsStarted":  {"StateMachineArn", "AWS::Serverless::StateMachine"},
	"AWS/States ExecutionsFailed":   {"StateMachineArn", "AWS::Serverless::StateMachine"},
	"AWS/States ExecutionsTimedOut": {"StateMachineArn", "AWS::Serverless::StateMachine"},
	// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
	"AWS/Lambda Invocations": {"FunctionName", "AWS::Serverless::Function"},
	"AWS/Lambda Duration":    {"FunctionName", "AWS::Serverless::Function"},
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	"AWS/SQS ApproximateNumberOfMessagesVisible":    {"QueueName", "AWS::SQS::Queue"},
	"AWS/SQS ApproximateNumberOfMessagesNotVisible": {"QueueName", "AWS::SQS::Queue"},
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
	"AWS/DynamoDB ConsumedWriteCapacityUnits": {"TableName", "AWS::DynamoDB::Table"},
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
	"AWS/Logs IncomingBytes": {"LogGroupName", "AWS::Logs::LogGroup"},
}

func TestDashboardReadsMetricsThatExist(t *testing.T) {
	for _, w := range readDashboard(t).Widgets {
		ids := make(map[string]bool)
		var expressions []string
		for _, m := range w.Properties.Metrics {
			names, o := splitMetric(t, m)
			if (o.Label == "") == (o.Visible == nil) {
				t.Errorf("%s: %s is shown without a label, or hidden with one", w.Properties.Title, m)
			}
			if ids[o.ID] && o.ID != "" {
				t.Errorf("%s: two metrics are %s", w.Properties.Title, o.ID)
			}
			ids[o.ID] = true
			if o.Expression != "" {
				expressions = append(expressions, o.Expression)
			} else if err := checkMetric(t, names); err != nil || w.Properties.Stat == "" && o.Stat == "" {
				t.Errorf("%s: %s without a statistic, or %v", w.Properties.Title, m, err)
			}
		}
		for _, e := range expressions {
			if err := checkExpression(t, e, ids); err != nil {
				t.Errorf("%s: %s: %v", w.Properties.Title, e, err)
			}
		}
	}
}

// splitMetric returns namespace, name and dimensions of a metric, and its options.
func splitMetric(t *testing.T, metric []json.RawMessage) ([]string, metricOptions) {
	t.Helper()
	var names []string
	var options metricOptions
	for i, part := range metric {
		var name string
		if json.Unmarshal(part, &name) == nil {
			names = append(names, name)
			continue
		}
		decoder := json.NewDecoder(strings.NewReader(string(part)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&options); err != nil || i != len(metric)-1 {
			t.Fatalf("metric %s: %v", metric, err)
		}
	}
	return names, options
}

var errorTypes = []string{
	reflect.TypeFor[statemachine.ThrottledError]().Name(), reflect.TypeFor[statemachine.QuotaExceededError]().Name(),
	reflect.TypeFor[statemachine.TransientError]().Name(),
	reflect.TypeFor[statemachine.ConfigurationError]().Name(), reflect.TypeFor[statemachine.UnexpectedError]().Name(),
}

func checkMetric(t *testing.T, names []string) error {
	t.Helper()
	if len(names) < 4 || len(names)%2 != 0 {
		return fmt.Errorf("%q has no namespace, name and dimensions", names)
	}
	var dimensions []string
	values := make(map[string]string)
	for pair := range slices.Chunk(names[2:], 2) {
		dimensions, values[pair[0]] = append(dimensions, pair[0]), pair[1]
	}
	if names[0] == "Onboarding" {
		return checkOnboardingMetric(t, names[1], dimensions, values)
	}
	want, ok := awsMetrics[names[0]+" "+names[1]]
	target, _, _ := strings.Cut(strings.TrimPrefix(names[len(names)-1], "$"), ".")
	if got := template(t).Resources[target].Type; !ok || !slices.Equal(dimensions, want[:1]) || got != want[1] {
		return fmt.Errorf("%s has %q for a %s, want %q", names[1], dimensions, got, want)
	}
	return nil
}

func checkOnboardingMetric(t *testing.T, name string, dimensions []string, values map[string]string) error {
	t.Helper()
	if want := onboardingMetrics(t)[name]; want == "" || strings.Join(dimensions, " ") != want {
		return fmt.Errorf("%s has the dimensions %q, want %q", name, dimensions, want)
	}
	for d, v := range values {
		if d == "Stack" && v != "$AWS::StackName" || d != "Stack" && !isDimension(t, d, v) {
			return fmt.Errorf("%s cannot be %q", d, v)
		}
	}
	return nil
}

// checkExpression checks that a search is for a metric that exists, and that any
// other expression has only metrics of the widget.
func checkExpression(t *testing.T, e string, ids map[string]bool) error {
	t.Helper()
	if strings.HasPrefix(e, "SEARCH(") {
		search := regexp.MustCompile(`^SEARCH\('\{Onboarding,([\w,]+)\} MetricName="(\w+)" Stack="\$AWS::StackName"', 'Sum', \d+\)$`).FindStringSubmatch(e)
		if search == nil || strings.ReplaceAll(search[1], ",", " ") != onboardingMetrics(t)[search[2]] {
			return fmt.Errorf("searched %q, want the dimensions of %v", search, onboardingMetrics(t))
		}
		return nil
	}
	for _, name := range regexp.MustCompile(`[A-Za-z]\w*`).FindAllString(e, -1) {
		if !ids[name] && name != "SUM" && name != "FILL" {
			return fmt.Errorf("%s is no metric of the widget: %v", name, slices.Sorted(maps.Keys(ids)))
		}
	}
	return nil
}

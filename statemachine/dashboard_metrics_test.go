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
	reflect.TypeFor[statemachine.TransientError]().Name(), reflect.TypeFor[statemachine.NotReadyError]().Name(),
	reflect.TypeFor[statemachine.UndecidedError]().Name(),
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

// checkExpression checks that what an expression searches for exists, and that its other
// names are metrics of the widget.
func checkExpression(t *testing.T, e string, ids map[string]bool) error {
	t.Helper()
	for _, s := range search.FindAllStringSubmatch(e, -1) {
		if err := checkSearch(t, s[1], s[2], s[3]); err != nil || len(s[0]) > 1024 {
			return fmt.Errorf("search %s of %d characters: %w", s[0], len(s[0]), err)
		}
	}
	for _, name := range regexp.MustCompile(`[A-Za-z]\w*`).FindAllString(search.ReplaceAllString(e, ""), -1) {
		if !ids[name] && name != "SUM" && name != "FILL" {
			return fmt.Errorf("%s is no metric of the widget: %v", name, slices.Sorted(maps.Keys(ids)))
		}
	}
	return nil
}

// search is a search with its schema, its terms and its statistic.
var search = regexp.MustCompile(`SEARCH\('(?:\{([\w/,]+)\} )?(.+?)', '(\w+)'\)`)

// checkSearch checks that the metrics of a search have its dimensions, and that it
// leaves those of other stacks out.
func checkSearch(t *testing.T, schema, terms, stat string) error {
	t.Helper()
	namespace, dimensions, _ := strings.Cut(schema, ",")
	if namespace == "" {
		namespace = regexp.MustCompile(`Namespace="(\w+)"`).FindStringSubmatch(terms + `Namespace="none"`)[1]
	}
	names := regexp.MustCompile(`MetricName="(\w+)"`).FindAllStringSubmatch(terms, -1)
	for _, name := range names {
		want, ofStack := onboardingMetrics(t)[name[1]], `Stack="$AWS::StackName"`
		if namespace != "Onboarding" {
			want = awsMetrics[namespace+" "+name[1]][0]
			ofStack = want + "=$AWS::StackName"
		}
		if want == "" || schema != "" && strings.ReplaceAll(dimensions, ",", " ") != want || !strings.Contains(terms, ofStack) {
			return fmt.Errorf("%s %s has the dimensions %q, and the stack's have %s", namespace, name[1], want, ofStack)
		}
	}
	status := regexp.MustCompile(`Status="(\w+)"`).FindStringSubmatch(terms)
	if len(names) == 0 || stat == "" || status != nil && !isDimension(t, "Status", status[1]) {
		return fmt.Errorf("%d metrics, statistic %q, status %q", len(names), stat, status)
	}
	return nil
}

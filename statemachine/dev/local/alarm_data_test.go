package local_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.com/onboarding/statemachine/dev/local"
)

// datapoints returns the values of a metric since then, from what the local AWS has
// in the place of CloudWatch's metrics.
func datapoints(t *testing.T, a *local.AWS, m local.Metric, since time.Time) []float64 {
	t.Helper()
	switch m.Namespace {
	case "Onboarding":
		return embedded(t, a, m, since)
	case "AWS/Lambda":
		return invocations(t, a, m, since)
	case "AWS/States":
		return []float64{float64(ended(t, a, m, since))}
	case "AWS/SQS":
		return []float64{inQueue(t, a, m)}
	}
	return nil // no data here: see notShown
}

// embedded reads the functions' log lines, as CloudWatch does in its embedded
// metric format.
func embedded(t *testing.T, a *local.AWS, m local.Metric, since time.Time) []float64 {
	t.Helper()
	var points []float64
	for _, line := range a.Logs() {
		var text map[string]json.RawMessage
		var directive struct {
			AWS struct {
				Timestamp         int64
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name string }
				}
			} `json:"_aws"`
		}
		if json.Unmarshal([]byte(line.Text), &text) != nil || json.Unmarshal([]byte(line.Text), &directive) != nil ||
			directive.AWS.Timestamp < since.UnixMilli() {
			continue
		}
		for _, d := range directive.AWS.CloudWatchMetrics {
			has := slices.ContainsFunc(d.Metrics, func(x struct{ Name string }) bool { return x.Name == m.Name })
			if d.Namespace == m.Namespace && has && hasDimensions(text, d.Dimensions, m.Dimensions) {
				points = append(points, number(t, text[m.Name]))
			}
		}
	}
	return points
}

// hasDimensions reports whether one of the sets is that of the metric: a metric with
// another dimension is another metric.
func hasDimensions(line map[string]json.RawMessage, sets [][]string, want map[string]string) bool {
	return slices.ContainsFunc(sets, func(set []string) bool {
		have := make(map[string]string)
		for _, name := range set {
			var value string
			if json.Unmarshal(line[name], &value) == nil {
				have[name] = value
			}
		}
		return maps.Equal(have, want)
	})
}

func number(t *testing.T, text json.RawMessage) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// invocations reads the calls of Invoke that passed the gateway. What Lambda does
// not run, it has neither as an error nor a duration
// (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html).
func invocations(t *testing.T, a *local.AWS, m local.Metric, since time.Time) []float64 {
	t.Helper()
	var points []float64
	for _, c := range a.Calls(func(c local.Call) bool {
		return c.Action == "Invoke" && c.Function == m.Dimensions["FunctionName"] && c.Time.After(since)
	}) {
		var answer struct{ ErrorType string }
		json.Unmarshal(c.Response, &answer) //nolint:errcheck,errchkjson // a function may answer anything
		ran := c.Status == http.StatusOK
		switch {
		case m.Name == "Throttles":
			points = append(points, one(c.Status == http.StatusTooManyRequests))
		case m.Name == "Errors" && ran:
			points = append(points, one(answer.ErrorType != ""))
		case m.Name == "Duration" && ran:
			points = append(points, float64(c.Duration.Milliseconds()))
		}
	}
	return points
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// ended returns how many executions ended in the way that the metric counts.
func ended(t *testing.T, a *local.AWS, m local.Metric, since time.Time) int {
	t.Helper()
	status := map[string]types.ExecutionStatus{
		"ExecutionsFailed": types.ExecutionStatusFailed, "ExecutionsTimedOut": types.ExecutionStatusTimedOut,
	}[m.Name]
	if status == "" {
		return 0 // throttling is not told by the executions
	}
	out, err := sfn.NewFromConfig(a.Config()).ListExecutions(t.Context(), &sfn.ListExecutionsInput{
		StateMachineArn: aws.String(m.Dimensions["StateMachineArn"]), StatusFilter: status, MaxResults: 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, e := range out.Executions {
		if e.StopDate.After(since.Truncate(time.Second)) { // the engine may give whole seconds
			count++
		}
	}
	return count
}

// inQueue reads the attribute of the queue that the metric samples.
func inQueue(t *testing.T, a *local.AWS, m local.Metric) float64 {
	t.Helper()
	attribute, ok := map[string]sqstypes.QueueAttributeName{
		"ApproximateNumberOfMessagesVisible":    sqstypes.QueueAttributeNameApproximateNumberOfMessages,
		"ApproximateNumberOfMessagesNotVisible": sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}[m.Name]
	if !ok {
		t.Fatalf("no attribute of a queue is %s", m.Name)
	}
	client := sqs.NewFromConfig(a.Config())
	queue, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String(m.Dimensions["QueueName"])})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: queue.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{attribute},
	})
	if err != nil {
		t.Fatal(err)
	}
	return number(t, json.RawMessage(out.Attributes[string(attribute)]))
}

// Package metricstest reads the metrics in log lines, as CloudWatch does, so that
// tests can see what it would be told.
package metricstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Value is one value of one metric.
type Value struct {
	Namespace, Name, Unit string
	// Dimensions are those of the metric, with their values.
	Dimensions map[string]string
	Value      float64
}

// directive is the MetricDirective object of the specification.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []struct {
		Name, Unit        string
		StorageResolution int
	}
}

// Read returns the metrics of a log line; none if the line has no member _aws. It
// returns an error for a line with metrics that CloudWatch would not take: the
// checks are those of the specification's text and JSON schema
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html),
// and that the values of dimensions are ASCII text that is not blank
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html).
func Read(line string) ([]Value, error) {
	var root map[string]json.RawMessage
	if err := json.Unmarshal([]byte(line), &root); err != nil {
		return nil, fmt.Errorf("the line is not a JSON object: %w", err)
	}
	if root["_aws"] == nil {
		return nil, nil
	}
	var metadata struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	}
	if err := strict(root["_aws"], &metadata); err != nil {
		return nil, fmt.Errorf("_aws: %w", err)
	}
	// In the year 2001 milliseconds had 13 digits, and seconds have ten until 2286.
	if metadata.Timestamp < 1e12 || metadata.Timestamp >= 1e13 {
		return nil, fmt.Errorf("_aws.Timestamp %d is not in milliseconds", metadata.Timestamp)
	}
	if len(metadata.CloudWatchMetrics) == 0 {
		return nil, errors.New("_aws.CloudWatchMetrics is empty")
	}
	var values []Value
	for _, d := range metadata.CloudWatchMetrics {
		more, err := d.values(root)
		if err != nil {
			return nil, err
		}
		values = append(values, more...)
	}
	return values, nil
}

func (d directive) values(root map[string]json.RawMessage) ([]Value, error) {
	if !length(d.Namespace, 1024) || len(d.Dimensions) == 0 || len(d.Metrics) == 0 || len(d.Metrics) > 100 {
		return nil, fmt.Errorf("directive %+v lacks a namespace, dimensions or metrics, or has more than 100", d)
	}
	var values []Value
	for _, names := range d.Dimensions {
		dimensions, err := dimensionsOf(root, names)
		if err != nil {
			return nil, err
		}
		for _, m := range d.Metrics {
			v := Value{Namespace: d.Namespace, Name: m.Name, Unit: m.Unit, Dimensions: dimensions}
			if !length(m.Name, 1024) || (m.Unit != "Count" && m.Unit != "Milliseconds") {
				return nil, fmt.Errorf("metric %q with the unit %q", m.Name, m.Unit)
			}
			if err := json.Unmarshal(root[m.Name], &v.Value); err != nil {
				return nil, fmt.Errorf("metric %s has no number at the root: %s", m.Name, root[m.Name])
			}
			values = append(values, v)
		}
	}
	return values, nil
}

func dimensionsOf(root map[string]json.RawMessage, names []string) (map[string]string, error) {
	if len(names) > 30 {
		return nil, fmt.Errorf("%d dimensions: %v", len(names), names)
	}
	dimensions := make(map[string]string)
	for _, name := range names {
		var value string
		if err := json.Unmarshal(root[name], &value); err != nil {
			return nil, fmt.Errorf("dimension %s has no text at the root: %s", name, root[name])
		}
		if !length(name, 250) || !length(value, 1024) || strings.TrimSpace(value) == "" || !isASCII(value) {
			return nil, fmt.Errorf("dimension %q is %q", name, value)
		}
		dimensions[name] = value
	}
	return dimensions, nil
}

// strict decodes an object that the specification allows no further members.
func strict(text json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into) //nolint:wrapcheck // the caller adds what there is to say
}

func length(s string, most int) bool { return s != "" && len(s) <= most }

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

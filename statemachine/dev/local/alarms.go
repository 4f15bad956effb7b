package local

import (
	"fmt"
	"maps"
	"path"
	"slices"
)

// Alarm is a CloudWatch alarm of template.yaml, for the tests to evaluate: moto's
// CloudFormation makes none.
type Alarm struct {
	// ID is the logical ID.
	ID string
	// Metrics are what the alarm reads: the one metric, or those of the Expression.
	Metrics []Metric
	// Expression is the metric math; empty for an alarm on one metric.
	Expression string
	// Operator is how the value is compared with the Threshold, as CloudWatch names it.
	Operator  string
	Threshold float64
}

// Metric is a metric of an alarm.
type Metric struct {
	// ID is the name in the expression.
	ID              string
	Namespace, Name string
	// Dimensions have the values that they have in the local stack.
	Dimensions map[string]string
	// Stat is the statistic, such as Sum or p99.
	Stat string
}

// alarmProperties are those of AWS::CloudWatch::Alarm.
type alarmProperties struct {
	metricProperties

	Statistic, ExtendedStatistic string
	Metrics                      []struct {
		ID         string `json:"Id"`
		Expression string
		MetricStat struct {
			Metric metricProperties
			Stat   string
		}
	}
	ComparisonOperator string
	Threshold          float64
}

type metricProperties struct {
	Namespace, MetricName string
	Dimensions            []struct {
		Name  string
		Value any
	}
}

// Alarms returns the alarms of the template, by logical ID.
func (a *AWS) Alarms() ([]Alarm, error) {
	var alarms []Alarm
	for _, id := range slices.Sorted(maps.Keys(a.template.Resources)) {
		if a.template.Resources[id].Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		alarm, err := a.alarm(id)
		if err != nil {
			return nil, fmt.Errorf("alarm %s: %w", id, err)
		}
		alarms = append(alarms, alarm)
	}
	return alarms, nil
}

func (a *AWS) alarm(id string) (Alarm, error) {
	var p alarmProperties
	if err := a.template.properties(id, &p); err != nil {
		return Alarm{}, err
	}
	alarm := Alarm{ID: id, Operator: p.ComparisonOperator, Threshold: p.Threshold}
	if len(p.Metrics) == 0 {
		m, err := a.metric("", p.metricProperties, p.Statistic+p.ExtendedStatistic)
		alarm.Metrics = []Metric{m}
		return alarm, err
	}
	for _, q := range p.Metrics {
		if q.Expression != "" {
			alarm.Expression = q.Expression
			continue
		}
		m, err := a.metric(q.ID, q.MetricStat.Metric, q.MetricStat.Stat)
		if err != nil {
			return Alarm{}, err
		}
		alarm.Metrics = append(alarm.Metrics, m)
	}
	return alarm, nil
}

func (a *AWS) metric(id string, p metricProperties, stat string) (Metric, error) {
	m := Metric{ID: id, Namespace: p.Namespace, Name: p.MetricName, Stat: stat, Dimensions: make(map[string]string)}
	for _, d := range p.Dimensions {
		value, err := a.resolve(d.Value)
		if err != nil {
			return Metric{}, err
		}
		m.Dimensions[d.Name] = value
	}
	return m, nil
}

// resolve returns what a value of the template is in the local stack: a text, a Ref
// or the name of a queue.
func (a *AWS) resolve(value any) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case map[string]any:
		if ref, ok := value["Ref"].(string); ok && ref == "AWS::StackName" {
			return stackName, nil
		} else if ok && a.names[ref] != "" {
			return a.names[ref], nil
		}
		if get, ok := value["Fn::GetAtt"].([]any); ok && len(get) == 2 && get[1] == "QueueName" {
			return path.Base(a.names[fmt.Sprint(get[0])]), nil
		}
	}
	return "", fmt.Errorf("%v cannot be resolved", value)
}

// PhysicalID returns the physical ID of a resource of the stack.
func (a *AWS) PhysicalID(logicalID string) string { return a.names[logicalID] }

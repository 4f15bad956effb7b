package statemachine_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/metrics"
)

// alarmFile is the part of template.yaml that is about alarms. Nodes are kept where
// the tag, such as !Ref, counts.
type alarmFile struct {
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			Description string      `yaml:"AlarmDescription"`
			Actions     []yaml.Node `yaml:"AlarmActions"`
			OKActions   []yaml.Node `yaml:"OKActions"`
			MissingData string      `yaml:"TreatMissingData"`
			Threshold   float64     `yaml:"Threshold"`
			alarmMetric `yaml:",inline"`
			Metrics     []struct {
				Expression string `yaml:"Expression"`
				Stat       struct {
					Metric alarmMetric `yaml:"Metric"`
				} `yaml:"MetricStat"`
			} `yaml:"Metrics"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

type alarmMetric struct {
	Namespace  string `yaml:"Namespace"`
	Name       string `yaml:"MetricName"`
	Dimensions []struct {
		Name  string    `yaml:"Name"`
		Value yaml.Node `yaml:"Value"`
	} `yaml:"Dimensions"`
}

// alarm is an alarm of the template.
type alarm struct {
	description, missingData string
	actions                  []string
	metrics                  []alarmMetric
	threshold                float64
}

func alarms(t *testing.T) map[string]alarm {
	t.Helper()
	var f alarmFile
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	found := make(map[string]alarm)
	for id, r := range f.Resources {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		p := r.Properties
		a := alarm{description: p.Description, missingData: p.MissingData, threshold: p.Threshold}
		for _, action := range append(p.Actions, p.OKActions...) {
			a.actions = append(a.actions, action.Tag+" "+action.Value)
		}
		if p.Namespace != "" {
			a.metrics = append(a.metrics, p.alarmMetric)
		}
		for _, m := range p.Metrics {
			if m.Expression == "" {
				a.metrics = append(a.metrics, m.Stat.Metric)
			}
		}
		found[id] = a
	}
	if len(found) == 0 {
		t.Fatal("template.yaml has no alarm")
	}
	return found
}

// anchorOf is the anchor of an alarm's section: ExecutionsFailedAlarm is explained
// under "Executions failed".
func anchorOf(alarmID string) string {
	words := regexp.MustCompile(`[A-Z][a-z]+`).FindAllString(strings.TrimSuffix(alarmID, "Alarm"), -1)
	return strings.ToLower(strings.Join(words, "-"))
}

func TestAlarmsSayWhatTheyMeanAndReachSomebody(t *testing.T) {
	for id, a := range alarms(t) {
		meaning, link, found := strings.Cut(a.description, " Runbook: ")
		if want := "statemachine/RUNBOOK.md#" + anchorOf(id); !found || link != want {
			t.Errorf("%s: the description ends with %q, want %q", id, link, want)
		}
		if !strings.HasSuffix(meaning, ".") || len(a.description) > 1024 {
			t.Errorf("%s: %q is no sentence, or too long for CloudWatch", id, meaning)
		}
		if want := []string{"!Ref AlarmTopic", "!Ref AlarmTopic"}; !slices.Equal(a.actions, want) {
			t.Errorf("%s: actions %q, want %q", id, a.actions, want)
		}
		if a.missingData != "notBreaching" && a.missingData != "ignore" {
			t.Errorf("%s: TreatMissingData %q", id, a.missingData)
		}
	}
}

// onboardingMetrics returns the dimensions of each metric of the functions, as
// their log lines have them.
func onboardingMetrics(t *testing.T) map[string]string {
	t.Helper()
	stack := metrics.Stack{Name: "onboarding", Now: time.Now}
	dimensions := make(map[string]string)
	for _, attrs := range [][]slog.Attr{
		stack.Count(metrics.Counters...),
		stack.StepEnded("AddUserToGroup", statemachine.Done(), time.Now()),
		stack.StepFailed("AddUserToGroup", "ThrottledError"),
	} {
		var line bytes.Buffer
		slog.New(slog.NewJSONHandler(&line, nil)).LogAttrs(t.Context(), slog.LevelInfo, "", attrs...)
		var embedded struct {
			AWS struct {
				CloudWatchMetrics []struct {
					Dimensions [][]string
					Metrics    []struct{ Name string }
				}
			} `json:"_aws"`
		}
		if err := json.Unmarshal(line.Bytes(), &embedded); err != nil {
			t.Fatal(err)
		}
		for _, directive := range embedded.AWS.CloudWatchMetrics {
			for _, m := range directive.Metrics {
				dimensions[m.Name] = strings.Join(directive.Dimensions[0], " ")
			}
		}
	}
	return dimensions
}

func TestAlarmsReadMetricsThatExist(t *testing.T) {
	resources, known := template(t).Resources, onboardingMetrics(t)
	for id, a := range alarms(t) {
		if len(a.metrics) == 0 {
			t.Errorf("%s reads no metric", id)
		}
		for _, m := range a.metrics {
			var names []string
			for _, d := range m.Dimensions {
				names = append(names, d.Name)
				target, _, _ := strings.Cut(d.Value.Value, ".")
				_, exists := resources[target]
				if d.Value.Tag != "!!str" && !exists && target != "AWS::StackName" || d.Value.Tag == "!!str" && !isDimension(t, d.Name, d.Value.Value) {
					t.Errorf("%s: dimension %s is %s %s, which does not exist", id, d.Name, d.Value.Tag, d.Value.Value)
				}
			}
			if want := known[m.Name]; m.Namespace == "Onboarding" && (want == "" || strings.Join(names, " ") != want) {
				t.Errorf("%s: metric %s with %q, want it with %q", id, m.Name, names, want)
			}
		}
	}
}

// isDimension reports whether a dimension of the functions' metrics can have the
// value.
func isDimension(t *testing.T, name, value string) bool {
	t.Helper()
	switch name {
	case "State":
		_, ok := definition(t).States[value]
		return ok
	case "Status":
		return value == string(statemachine.StatusDone) || value == string(statemachine.StatusSkipped)
	case "Reason":
		return value == "none" || slices.Contains(reasons(t), value)
	case "ErrorType":
		return slices.Contains(errorTypes, value)
	}
	return false
}

package statemachine_test

import (
	"os"
	"testing"

	"go.yaml.in/yaml/v3"
)

// observed is the part of template.yaml that says what is logged and traced.
type observed struct {
	Globals struct {
		Function struct {
			Tracing       string            `yaml:"Tracing"`
			LoggingConfig map[string]string `yaml:"LoggingConfig"`
			Boundary      string            `yaml:"PermissionsBoundary"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Parameters struct {
		LogLevel struct {
			AllowedValues []string `yaml:"AllowedValues"`
		} `yaml:"LogLevel"`
	} `yaml:"Parameters"`
	Resources map[string]struct {
		Type           string `yaml:"Type"`
		DeletionPolicy string `yaml:"DeletionPolicy"`
		Properties     struct {
			Retention string `yaml:"RetentionInDays"`
			Logging   struct {
				Level                string `yaml:"Level"`
				IncludeExecutionData *bool  `yaml:"IncludeExecutionData"`
			} `yaml:"Logging"`
			LoggingConfig yaml.Node `yaml:"LoggingConfig"`
			Tracing       yaml.Node `yaml:"Tracing"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

func observedIn(t *testing.T) observed {
	t.Helper()
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var o observed
	if err := yaml.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestFunctionsLogJSONIntoTheirGroupAndAreTraced(t *testing.T) {
	o := observedIn(t)
	f := o.Globals.Function
	if f.LoggingConfig["LogFormat"] != "JSON" || f.LoggingConfig["LogGroup"] != "FunctionLogGroup" || f.Boundary != "FunctionBoundary" || f.Tracing != "Active" {
		t.Errorf("functions are %+v", f)
	}
	for id, r := range o.Resources {
		if r.Type == "AWS::Serverless::Function" && (!r.Properties.LoggingConfig.IsZero() || !r.Properties.Tracing.IsZero()) {
			t.Errorf("%s logs or is traced in another way than all", id)
		}
	}
	for _, level := range o.Parameters.LogLevel.AllowedValues {
		if level != "DEBUG" && level != "INFO" {
			t.Errorf("LogLevel %s would drop the lines that metrics are made from", level)
		}
	}
}

func TestEachLogGroupForgetsAndOutlivesTheStack(t *testing.T) {
	for id, r := range observedIn(t).Resources {
		if r.Type != "AWS::Logs::LogGroup" {
			continue
		}
		if r.Properties.Retention == "" || r.DeletionPolicy != "Retain" {
			t.Errorf("%s has the retention %q and the deletion policy %q", id, r.Properties.Retention, r.DeletionPolicy)
		}
	}
}

func TestStateMachineLogsErrorsWithoutData(t *testing.T) {
	p := observedIn(t).Resources["OnboardingStateMachine"].Properties
	if data := p.Logging.IncludeExecutionData; p.Logging.Level != "ERROR" || data == nil || *data {
		t.Errorf("logging %+v, want ERROR without execution data", p.Logging)
	}
	var tracing struct {
		Enabled bool `yaml:"Enabled"`
	}
	if err := p.Tracing.Decode(&tracing); err != nil || !tracing.Enabled {
		t.Errorf("tracing %+v (error %v), want it enabled", tracing, err)
	}
}

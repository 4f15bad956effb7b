package cost

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// templateFile is the part of template.yaml that prices depend on.
type templateFile struct {
	Globals struct {
		Function machineSize `yaml:"Function"`
	} `yaml:"Globals"`
	Parameters struct {
		LogRetentionDays struct {
			Default int `yaml:"Default"`
		} `yaml:"LogRetentionDays"`
	} `yaml:"Parameters"`
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			machineSize `yaml:",inline"`

			MachineType string    `yaml:"Type"`
			Retention   yaml.Node `yaml:"RetentionInDays"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

type machineSize struct {
	MemoryMB      int      `yaml:"MemorySize"`
	Architectures []string `yaml:"Architectures"`
}

// function is what the price of a GB-second of a function depends on.
type function struct {
	memoryMB int
	arm      bool
}

// template is what prices depend on.
type template struct {
	functions map[string]function // by name: the logical ID without "Function"
	// How many days the logs of the functions and the events are kept.
	logDays, eventDays int
}

func readTemplate(text []byte) (template, error) {
	var f templateFile
	if err := yaml.Unmarshal(text, &f); err != nil {
		return template{}, fmt.Errorf("decode the template: %w", err)
	}
	if kind := f.Resources["OnboardingStateMachine"].Properties.MachineType; kind != "STANDARD" {
		return template{}, fmt.Errorf("the state machine is %q, and only a STANDARD one is billed by transition", kind)
	}
	t := template{functions: make(map[string]function), logDays: f.Parameters.LogRetentionDays.Default}
	for id, r := range f.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		size := f.Globals.Function
		if r.Properties.MemoryMB != 0 {
			size.MemoryMB = r.Properties.MemoryMB
		}
		if r.Properties.Architectures != nil {
			size.Architectures = r.Properties.Architectures
		}
		if size.MemoryMB == 0 || len(size.Architectures) != 1 {
			return template{}, fmt.Errorf("%s has %d MB and the architectures %q", id, size.MemoryMB, size.Architectures)
		}
		t.functions[strings.TrimSuffix(id, "Function")] = function{size.MemoryMB, size.Architectures[0] == "arm64"}
	}
	var err error
	retention := f.Resources["AnalyticsLogGroup"].Properties.Retention
	if t.eventDays, err = strconv.Atoi(retention.Value); err != nil || t.logDays == 0 {
		return template{}, fmt.Errorf("logs are kept for %d days, events for %q", t.logDays, retention.Value)
	}
	return t, nil
}

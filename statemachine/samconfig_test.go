package statemachine_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

// override is a parameter in samconfig.toml, with its value.
var override = regexp.MustCompile(`"(\w+)=([^"]*)"`)

func TestSAMConfigSetsParametersOfTheTemplate(t *testing.T) {
	text, err := os.ReadFile("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Parameters map[string]struct {
			AllowedValues []string `yaml:"AllowedValues"`
		} `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile("../samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^parameter_overrides = .*$`).FindAllString(string(config), -1)
	if len(lines) != 2 {
		t.Fatalf("%d lines of parameters in samconfig.toml, want those of dev and prod", len(lines))
	}
	for _, line := range lines {
		for _, m := range override.FindAllStringSubmatch(line, -1) {
			parameter, ok := f.Parameters[m[1]]
			if !ok || !slices.Contains(parameter.AllowedValues, m[2]) {
				t.Errorf("%s: the template does not take that", m[0])
			}
		}
	}
}

func TestEachEnvironmentIsAStackOfItsOwn(t *testing.T) {
	config, err := os.ReadFile("../samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?m)^stack_name = .*$`).FindAllString(string(config), -1)
	slices.Sort(names)
	if len(names) != 3 || len(slices.Compact(names)) != 3 {
		t.Errorf("stacks %q, want one each for default, dev and prod", names)
	}
}

package grouprules_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"example.com/onboarding/statemachine/grouprules"
)

type templateFile struct {
	Parameters map[string]struct {
		Description    string `yaml:"Description"`
		Default        string `yaml:"Default"`
		MaxLength      int    `yaml:"MaxLength"`
		AllowedPattern string `yaml:"AllowedPattern"`
	} `yaml:"Parameters"`
	Resources map[string]struct {
		Properties struct {
			WriteAttributes []string `yaml:"WriteAttributes"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

func template(t *testing.T) templateFile {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var f templateFile
	if err := yaml.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestParameterOfTheTemplate holds the template against Parse: the template refuses
// only what Parse does, and not less than the worst.
func TestParameterOfTheTemplate(t *testing.T) {
	parameter := template(t).Parameters["GroupRules"]
	if parameter.MaxLength != grouprules.MaxLength {
		t.Errorf("MaxLength %d, want %d", parameter.MaxLength, grouprules.MaxLength)
	}
	if rules := parse(t, parameter.Default); rules != nil {
		t.Errorf("by default there are the rules %v", rules)
	}
	example := parameter.Description[strings.Index(parameter.Description, "[") : strings.LastIndex(parameter.Description, "]")+1]
	if rules := parse(t, example); len(rules) != 1 {
		t.Errorf("the example %s has the rules %v, want one", example, rules)
	}
	pattern := regexp.MustCompile(parameter.AllowedPattern)
	for text, want := range map[string]bool{
		"[]": true, " [ ] ": true, example: true, "\n[\n" + example[1:] + "\n": true, "[" + example[1:len(example)-1] + "," + example[1:]: true,
		// What the SAM CLI makes of rules that are not quoted once more:
		"[{":                        false,
		"":                          false,
		"{}":                        false,
		"null":                      false,
		"[1]":                       false,
		"[1}]":                      false,
		"staff":                     false,
		"[] []":                     false,
		example[1 : len(example)-1]: false,
	} {
		if got := pattern.MatchString(text); got != want {
			t.Errorf("%q: the template takes it: %t, want %t", text, got, want)
		}
		if _, err := grouprules.Parse(text); want && err != nil && utf8.ValidString(text) {
			t.Errorf("%q: the template takes it, and the function does not: %v", text, err)
		}
	}
}

// TestAppClientMayNotWriteWhatRulesAreFor checks the attributes that users of the
// template's app client can set themselves.
func TestAppClientMayNotWriteWhatRulesAreFor(t *testing.T) {
	writable := template(t).Resources["UserPoolClient"].Properties.WriteAttributes
	if !slices.Contains(writable, "email") {
		t.Errorf("the client may write %q, and not the address to sign up with", writable)
	}
	for _, name := range writable {
		if strings.Contains(name, ":") || strings.HasSuffix(name, "_verified") {
			t.Errorf("the client may write %s", name)
		}
	}
}

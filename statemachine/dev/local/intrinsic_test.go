package local_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rendered returns a value of a CloudFormation template as short text: a reference
// as the name it refers to, and "A or B" for what depends on a condition.
func rendered(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		var parts []string
		for _, member := range v {
			parts = append(parts, rendered(member))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		return renderedObject(v)
	}
	return fmt.Sprint(v)
}

func renderedObject(m map[string]any) string {
	for function, argument := range m {
		list, _ := argument.([]any)
		switch function {
		case "Ref":
			return rendered(argument)
		case "Fn::GetAtt":
			return strings.ReplaceAll(rendered(list), ", ", ".")
		case "Fn::If":
			return rendered(list[1]) + " or " + rendered(list[2])
		case "Fn::Sub":
			return substituted(argument)
		}
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, key+" "+rendered(m[key]))
	}
	return strings.Join(parts, "; ")
}

func substituted(argument any) string {
	list, hasVariables := argument.([]any)
	if !hasVariables {
		return rendered(argument)
	}
	text := rendered(list[0])
	for name, value := range list[1].(map[string]any) { //nolint:forcetypeassert // as Fn::Sub has it
		text = strings.ReplaceAll(text, "${"+name+"}", "${"+rendered(value)+"}")
	}
	return text
}

func TestRenderedValues(t *testing.T) {
	for text, want := range map[string]string{
		`"plain"`:                      "plain",
		`["a", {"Ref": "B"}]`:          "a, B",
		`{"Fn::GetAtt": ["A", "Arn"]}`: "A.Arn",
		`{"Fn::If": ["C", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}`: "A or AWS::NoValue",
		`{"Fn::Sub": "x:${A}"}`:                           "x:${A}",
		`{"Fn::Sub": ["x:${P}", {"P": {"Ref": "A"}}]}`:    "x:${A}",
		`{"StringEquals": {"k": "v", "j": {"Ref": "A"}}}`: "StringEquals j A; k v",
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if got := rendered(v); got != want {
			t.Errorf("%s is rendered as %q, want %q", text, got, want)
		}
	}
}

var inSub = regexp.MustCompile(`\$\{(\w+)`)

// references returns the names that a value refers to, resources or not.
func references(v any) []string {
	var names []string
	switch v := v.(type) {
	case string:
		// A string outside Fn::Sub has no ${…}, but for the definition.
		for _, m := range inSub.FindAllStringSubmatch(v, -1) {
			names = append(names, m[1])
		}
	case []any:
		for _, member := range v {
			names = append(names, references(member)...)
		}
	case map[string]any:
		for key, member := range v {
			if key == "Ref" || key == "Fn::GetAtt" {
				name, _, _ := strings.Cut(rendered(member), ", ")
				names = append(names, name)
				continue
			}
			names = append(names, references(member)...)
		}
	}
	return names
}

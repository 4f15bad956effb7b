package project

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestUnknownSubstitutionIsAnError(t *testing.T) {
	p := &Project{
		Functions:  []Function{{LogicalID: "AFunction"}},
		definition: "${A} ${B} ${C} ${D}",
		substitutions: map[string]yaml.Node{
			"A": {Tag: "!GetAtt", Value: "AFunction.Arn"}, "B": {Tag: "!GetAtt", Value: "BFunction.Arn"}, "C": {Tag: "!Ref", Value: "Table"},
		},
	}
	const want = "DefinitionSubstitutions in template.yaml: neither the ARN of a function nor the partition: ${B}, ${C}, ${D}"
	if text, err := p.Definition("aws", "us-east-1", "123456789012"); err == nil || err.Error() != want {
		t.Errorf("definition %q, error %v, want %s", text, err, want)
	}
}

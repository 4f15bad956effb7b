package project

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var placeholder = regexp.MustCompile(`\$\{(\w+)\}`)

// Definition returns the definition with the values that the template substitutes, as
// CloudFormation does it in a deployment. Nothing is deployed: a function's name is its
// logical ID.
func (p *Project) Definition(partition, region, account string) (string, error) {
	var unknown []string
	text := placeholder.ReplaceAllStringFunc(p.definition, func(found string) string {
		value := p.substitutions[placeholder.FindStringSubmatch(found)[1]]
		function, isARN := strings.CutSuffix(value.Value, ".Arn")
		switch {
		case value.Tag == "!Ref" && value.Value == "AWS::Partition":
			return partition
		case value.Tag == "!GetAtt" && isARN && slices.ContainsFunc(p.Functions, func(f Function) bool { return f.LogicalID == function }):
			return fmt.Sprintf("arn:%s:lambda:%s:%s:function:%s", partition, region, account, function)
		}
		unknown = append(unknown, found)
		return found
	})
	if len(unknown) > 0 {
		return "", fmt.Errorf("DefinitionSubstitutions in template.yaml: neither the ARN of a function nor the partition: %s", strings.Join(unknown, ", "))
	}
	return text, nil
}

package local_test

import (
	"os/exec"
	"regexp"
	"testing"

	"example.com/onboarding/statemachine/dev/localtest"
)

// fixed is what is right in the partition aws only: an ARN, or the console's host where
// it is not looked up. In GovCloud an execution whose state has such a resource fails
// with States.Runtime, and a redrive runs the same definition.
var fixed = regexp.MustCompile(`arn:aws:[^"]*|[^"/]*\.console\.[^"/]*|[\w.]*amazonaws\.com(\.cn)?/[^"]*`)

// TestTemplatesFitEveryPartition translates for GovCloud, as SAM does when it deploys
// there.
func TestTemplatesFitEveryPartition(t *testing.T) {
	localtest.Require(t)
	for _, file := range []string{"../../../template.yaml", "../../examples/tutorial/template.yaml"} {
		translated, err := exec.CommandContext(t.Context(), "../../../.tools/local/bin/python", "translate.py", file, "us-gov-west-1").Output()
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`arn:aws-us-gov:iam|arn:\$\{AWS::Partition\}:states:::`).Match(translated) {
			t.Errorf("%s was not translated for GovCloud", file)
		}
		for _, found := range fixed.FindAllString(string(translated), -1) {
			t.Errorf("%s has %s, which is the partition aws", file, found)
		}
	}
}

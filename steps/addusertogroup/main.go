// Command addusertogroup is the function of the state AddUserToGroup.
package main

import (
	"os"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/grouprules"
	"example.com/onboarding/steps/internal/step"
)

func main() {
	function := step.New("AddUserToGroup", os.Getenv("STACK_NAME"))
	cfg := function.Config(os.Getenv, awsconfig.Cognito)
	function.Records = step.RecordsIn(os.Getenv("RECORD_TABLE"), cfg)
	rules, err := grouprules.Parse(os.Getenv("GROUP_RULES"))
	step.Start(function, (&AddUserToGroup{
		Users:        cognitoidentityprovider.NewFromConfig(cfg),
		DefaultGroup: os.Getenv("DEFAULT_GROUP"),
		Rules:        rules,
		RulesError:   err,
	}).Handle)
}

// Command addusertogroup is the function of the state AddUserToGroup.
package main

import (
	"context"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine/grouprules"
	"example.com/onboarding/steps/internal/step"
)

func main() {
	function := step.New("AddUserToGroup", os.Getenv("STACK_NAME"))
	cfg, err := step.Config(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	rules, err := grouprules.Parse(os.Getenv("GROUP_RULES"))
	step.Start(function, (&AddUserToGroup{
		Users:        cognitoidentityprovider.NewFromConfig(cfg),
		DefaultGroup: os.Getenv("DEFAULT_GROUP"),
		Rules:        rules,
		RulesError:   err,
	}).Handle)
}

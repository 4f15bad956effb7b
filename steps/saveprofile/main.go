// Command saveprofile is the function of the state SaveProfile.
package main

import (
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/steps/internal/step"
)

func main() {
	function := step.New("SaveProfile", os.Getenv("STACK_NAME"))
	cfg := function.Config(os.Getenv, awsconfig.Cognito)
	function.Records = step.RecordsIn(os.Getenv("RECORD_TABLE"), cfg)
	step.Start(function, (&SaveProfile{
		Users:      cognitoidentityprovider.NewFromConfig(cfg),
		Profiles:   dynamodb.NewFromConfig(cfg),
		Table:      os.Getenv("PROFILE_TABLE"),
		Attributes: strings.FieldsFunc(os.Getenv("PROFILE_ATTRIBUTES"), isSeparator),
	}).Handle)
}

func isSeparator(r rune) bool { return r == ',' || r == ' ' }

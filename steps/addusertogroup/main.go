// Command addusertogroup is the function of the state AddUserToGroup.
package main

import (
	"context"
	"log"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/steps/internal/step"
)

func main() {
	function := step.New("AddUserToGroup", os.Getenv("STACK_NAME"))
	cfg, err := step.Config(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	step.Start(function, (&AddUserToGroup{
		Users: cognitoidentityprovider.NewFromConfig(cfg),
		Group: os.Getenv("DEFAULT_GROUP"),
	}).Handle)
}

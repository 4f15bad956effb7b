package pooltrigger

import "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

// kind is a kind of trigger, by its name in LambdaConfig.
type kind string

const (
	postConfirmation kind = "PostConfirmation"
	// preTokenGeneration has a second parameter, which says the version of the event
	// too: PreTokenGenerationConfig
	// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_LambdaConfigType.html).
	preTokenGeneration kind = "PreTokenGeneration"
)

// of returns where the ARN of the trigger is.
func (k kind) of(triggers *types.LambdaConfigType) **string {
	if k == preTokenGeneration {
		return &triggers.PreTokenGeneration
	}
	return &triggers.PostConfirmation
}

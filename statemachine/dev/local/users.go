package local

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	lambdaclient "github.com/aws/aws-sdk-go-v2/service/lambda"
)

// User is somebody who signs up.
type User struct {
	Email, Name string
	// Attributes are others that the app sends, such as "locale".
	Attributes map[string]string
}

// SignUp signs the user up, as an app does, and returns the sub.
func (a *AWS) SignUp(ctx context.Context, u User) (sub string, err error) {
	attributes := []types.AttributeType{{Name: aws.String("email"), Value: &u.Email}}
	if u.Name != "" {
		attributes = append(attributes, types.AttributeType{Name: aws.String("name"), Value: &u.Name})
	}
	for name, value := range u.Attributes {
		attributes = append(attributes, types.AttributeType{Name: aws.String(name), Value: aws.String(value)})
	}
	out, err := a.cognito().SignUp(ctx, &cognitoidentityprovider.SignUpInput{
		ClientId: &a.Stack.ClientID, Username: &u.Email, Password: aws.String("Correct-horse-7-battery"),
		UserAttributes: attributes,
	})
	if err != nil {
		return "", fmt.Errorf("sign up: %w", err)
	}
	return *out.UserSub, nil
}

// Confirm confirms the sign-up, as an app does with the code from the mail; any
// code will do here. It returns when the trigger has returned.
func (a *AWS) Confirm(ctx context.Context, u User, clientMetadata map[string]string) error {
	_, err := a.cognito().ConfirmSignUp(ctx, &cognitoidentityprovider.ConfirmSignUpInput{
		ClientId: &a.Stack.ClientID, Username: &u.Email, ConfirmationCode: aws.String("123456"),
		ClientMetadata: clientMetadata,
	})
	if err != nil {
		return fmt.Errorf("confirm sign-up: %w", err)
	}
	return nil
}

// Groups returns the names of the groups that the user is in; the username may be
// the mail address.
func (a *AWS) Groups(ctx context.Context, username string) ([]string, error) {
	out, err := a.cognito().AdminListGroupsForUser(ctx, &cognitoidentityprovider.AdminListGroupsForUserInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &username,
	})
	if err != nil {
		return nil, fmt.Errorf("list groups of user: %w", err)
	}
	var names []string
	for _, g := range out.Groups {
		names = append(names, *g.GroupName)
	}
	return names, nil
}

func (a *AWS) cognito() *cognitoidentityprovider.Client {
	return cognitoidentityprovider.NewFromConfig(a.Config())
}

// InvokeTrigger hands the trigger an event as Cognito would, and returns its
// answer.
func (a *AWS) InvokeTrigger(ctx context.Context, event []byte) ([]byte, error) {
	out, err := lambdaclient.NewFromConfig(a.Config()).Invoke(ctx,
		&lambdaclient.InvokeInput{FunctionName: &a.Stack.TriggerARN, Payload: event})
	if err != nil {
		return nil, fmt.Errorf("invoke the trigger: %w", err)
	}
	if out.FunctionError != nil {
		return nil, fmt.Errorf("the trigger failed: %s", out.Payload)
	}
	return out.Payload, nil
}

// ConfirmationEvent returns the event that Cognito would hand to the trigger when
// this user confirms the sign-up.
func (a *AWS) ConfirmationEvent(username, sub string, u User) ([]byte, error) {
	event, err := json.Marshal(map[string]any{
		"version": "1", "region": Region, "userPoolId": a.Stack.UserPoolID, "userName": username,
		"callerContext": map[string]string{"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": a.Stack.ClientID},
		"triggerSource": "PostConfirmation_ConfirmSignUp",
		"request": map[string]any{"userAttributes": map[string]string{
			"sub": sub, "email": u.Email, "name": u.Name, "email_verified": "true", "cognito:user_status": "CONFIRMED",
		}},
		"response": map[string]any{},
	})
	if err != nil {
		return nil, fmt.Errorf("marshal event: %w", err)
	}
	return event, nil
}

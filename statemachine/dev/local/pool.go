package local

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/grouprules"
)

// makePool makes pool, app client and the default group. The properties of the
// resources have the names of the API's parameters.
func (a *AWS) makePool(ctx context.Context, t template, group string) error {
	users := cognitoidentityprovider.NewFromConfig(a.Config())
	pool := cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String(stackName), EmailConfiguration: bySES()}
	if err := t.properties("UserPool", &withoutReferences{&pool}); err != nil {
		return err
	}
	made, err := users.CreateUserPool(ctx, &pool)
	if err != nil {
		return fmt.Errorf("make the user pool: %w", err)
	}
	a.Stack.UserPoolID = *made.UserPool.Id
	var client cognitoidentityprovider.CreateUserPoolClientInput
	if err := t.properties("UserPoolClient", &withoutReferences{&client}); err != nil {
		return err
	}
	client.UserPoolId, client.ClientName = made.UserPool.Id, aws.String(stackName)
	madeClient, err := users.CreateUserPoolClient(ctx, &client)
	if err != nil {
		return fmt.Errorf("make the app client: %w", err)
	}
	a.Stack.ClientID = *madeClient.UserPoolClient.ClientId
	return a.makeGroup(ctx, group)
}

// bySES makes a pool mail by SES, as one in use does.
func bySES() *types.EmailConfigurationType {
	return &types.EmailConfigurationType{
		EmailSendingAccount: types.EmailSendingAccountTypeDeveloper,
		SourceArn:           aws.String("arn:aws:ses:" + Region + ":" + account + ":identity/onboarding.example"),
	}
}

// MakeGroupsOfRules makes the groups of the parameter GroupRules, and returns their
// names. On AWS they are made by hand; only the default group is made for users.
func (a *AWS) MakeGroupsOfRules(ctx context.Context) ([]string, error) {
	parameters := a.parameters(a.template)
	rules, err := grouprules.Parse(parameters["GroupRules"])
	if err != nil {
		return nil, fmt.Errorf("parameter GroupRules: %w", err)
	}
	names := slices.DeleteFunc(rules.GroupNames(), func(name string) bool { return name == parameters["DefaultGroup"] })
	for _, name := range names {
		if err := a.makeGroup(ctx, name); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func (a *AWS) makeGroup(ctx context.Context, name string) error {
	_, err := a.cognito().CreateGroup(ctx, &cognitoidentityprovider.CreateGroupInput{UserPoolId: &a.Stack.UserPoolID, GroupName: &name})
	if err != nil {
		return fmt.Errorf("make the group %s: %w", name, err)
	}
	return nil
}

// withoutReferences decodes an object but for its members that refer to other
// resources.
type withoutReferences struct{ into any }

// UnmarshalJSON implements json.Unmarshaler.
func (w *withoutReferences) UnmarshalJSON(data []byte) error {
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		return fmt.Errorf("decode object: %w", err)
	}
	maps.DeleteFunc(members, func(_ string, value any) bool { return hasReference(value) })
	rest, err := json.Marshal(members)
	if err != nil {
		return fmt.Errorf("marshal object: %w", err)
	}
	if err := json.Unmarshal(rest, w.into); err != nil {
		return fmt.Errorf("decode object: %w", err)
	}
	return nil
}

func hasReference(value any) bool {
	members, ok := value.(map[string]any)
	if !ok {
		return false
	}
	for key, member := range members {
		if key == "Ref" || key == "Fn::GetAtt" || key == "Fn::If" || hasReference(member) {
			return true
		}
	}
	return false
}

// setTriggers makes the pool name the template's triggers. UpdateUserPool resets what
// the call leaves out, so it gets the template's other properties again.
func (a *AWS) setTriggers(ctx context.Context, t template) error {
	var pool cognitoidentityprovider.UpdateUserPoolInput
	if err := t.properties("UserPool", &withoutReferences{&pool}); err != nil {
		return err
	}
	config, err := json.Marshal(a.triggers)
	if err != nil {
		return fmt.Errorf("marshal the triggers: %w", err)
	}
	if err := json.Unmarshal(config, &pool.LambdaConfig); err != nil {
		return fmt.Errorf("triggers of the pool: %w", err)
	}
	pool.UserPoolId, pool.EmailConfiguration = &a.Stack.UserPoolID, bySES()
	if _, err := a.cognito().UpdateUserPool(ctx, &pool); err != nil {
		return fmt.Errorf("set the triggers: %w", err)
	}
	return nil
}

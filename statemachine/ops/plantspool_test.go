package main

import (
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// setTrigger sets the pool's trigger, none if it is empty.
func (p planter) setTrigger(arn string) {
	p.Helper()
	s := newSession(p.aws.Config(), io.Discard, io.Discard)
	before, err := s.readPool(p.Context(), p.aws.Stack.UserPoolID)
	if err != nil {
		p.Fatal(err)
	}
	must[*cognitoidentityprovider.UpdateUserPoolOutput](p.T)(s.pools.UpdateUserPool(p.Context(), before.withTrigger(arn).update()))
	p.Cleanup(func() {
		must[*cognitoidentityprovider.UpdateUserPoolOutput](p.T)(s.pools.UpdateUserPool(background, before.update()))
	})
}

// removePermission removes the statement of the template.
func (p planter) removePermission() {
	s := newSession(p.aws.Config(), io.Discard, io.Discard)
	permission, err := s.permissionFor(p.aws.Stack.TriggerARN, p.stack.poolARN())
	if err != nil {
		p.Fatal(err)
	}
	statements, err := permission.statements(p.Context())
	i := slices.IndexFunc(statements, func(s statement) bool { return s.allows(permission.pool, permission.account) })
	if i < 0 {
		p.Fatalf("statements %+v, %v; want that of the template among them", statements, err)
	}
	id := statements[i].Sid
	must[*lambda.RemovePermissionOutput](p.T)(s.functions.RemovePermission(p.Context(), &lambda.RemovePermissionInput{
		FunctionName: &permission.function, StatementId: &id,
	}))
	p.Cleanup(func() {
		must[*lambda.AddPermissionOutput](p.T)(s.functions.AddPermission(background, &lambda.AddPermissionInput{
			FunctionName: &permission.function, StatementId: &id, Action: aws.String("lambda:InvokeFunction"),
			Principal: aws.String(cognitoPrincipal), SourceArn: &permission.pool, SourceAccount: &permission.account,
		}))
	})
}

func (p planter) deleteGroup() {
	users := cognitoidentityprovider.NewFromConfig(p.aws.Config())
	pool, group := &p.aws.Stack.UserPoolID, aws.String("members")
	must[*cognitoidentityprovider.DeleteGroupOutput](p.T)(users.DeleteGroup(p.Context(), &cognitoidentityprovider.DeleteGroupInput{UserPoolId: pool, GroupName: group}))
	p.Cleanup(func() {
		must[*cognitoidentityprovider.CreateGroupOutput](p.T)(users.CreateGroup(background, &cognitoidentityprovider.CreateGroupInput{UserPoolId: pool, GroupName: group}))
	})
}

// addClient adds an app client that may write what it likes, and a rule.
func (p planter) addClient() {
	users := cognitoidentityprovider.NewFromConfig(p.aws.Config())
	pool := &p.aws.Stack.UserPoolID
	client := must[*cognitoidentityprovider.CreateUserPoolClientOutput](p.T)(users.CreateUserPoolClient(p.Context(),
		&cognitoidentityprovider.CreateUserPoolClientInput{UserPoolId: pool, ClientName: aws.String("generous")})).UserPoolClient
	p.Cleanup(func() {
		must[*cognitoidentityprovider.DeleteUserPoolClientOutput](p.T)(users.DeleteUserPoolClient(background,
			&cognitoidentityprovider.DeleteUserPoolClientInput{UserPoolId: pool, ClientId: client.ClientId}))
	})
	p.setRules(`[{"attribute": "locale", "equals": "de", "groups": ["members"]}]`)
}

// setRules makes the stack say that it was deployed with these group rules.
func (p planter) setRules(rules string) {
	p.Helper()
	p.rewrite("DescribeStacks", "</Parameters>",
		"<member><ParameterKey>GroupRules</ParameterKey><ParameterValue>"+rules+"</ParameterValue></member></Parameters>")
}

package workflowtest_test

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/internal/permission"
)

func (p planter) removeTrigger() {
	runOps(p.T, p.aws, 0, "detach", "--stack", "onboarding", "--yes")
	p.Cleanup(func() { runOps(p.T, p.aws, 0, "attach", "--stack", "onboarding", "--yes") })
}

// replaceTrigger sets the function of a state as trigger.
func (p planter) replaceTrigger() {
	ours := p.aws.Stack.TriggerARN
	other := ours[:strings.LastIndexByte(ours, ':')+1] + *p.physical(states(p.T)[0] + "Function")
	pool := []string{"--user-pool", p.aws.Stack.UserPoolID, "--trigger", other, "--yes"}
	runOps(p.T, p.aws, 0, append([]string{"attach", "--replace"}, pool...)...)
	p.Cleanup(func() { runOps(p.T, p.aws, 0, append([]string{"detach", "--restore", ours}, pool...)...) })
}

// removePermission removes the statement of the template.
func (p planter) removePermission() {
	functions, pool := lambda.NewFromConfig(p.aws.Config()), "arn:aws:cognito-idp:"+local.Region+":123456789012:userpool/"+p.aws.Stack.UserPoolID
	granted, err := permission.For(functions, p.aws.Stack.TriggerARN, pool)
	if err != nil {
		p.Fatal(err)
	}
	statements, err := granted.Statements(p.Context())
	i := slices.IndexFunc(statements, func(s permission.Statement) bool { return s.Allows(pool, granted.Account) })
	if i < 0 {
		p.Fatalf("statements %+v, %v; want that of the template among them", statements, err)
	}
	id := statements[i].Sid
	must[*lambda.RemovePermissionOutput](p.T)(functions.RemovePermission(p.Context(), &lambda.RemovePermissionInput{
		FunctionName: &granted.Function, StatementId: &id,
	}))
	p.Cleanup(func() {
		must[*lambda.AddPermissionOutput](p.T)(functions.AddPermission(background, &lambda.AddPermissionInput{
			FunctionName: &granted.Function, StatementId: &id, Action: aws.String("lambda:InvokeFunction"),
			Principal: aws.String(permission.CognitoPrincipal), SourceArn: &granted.Pool, SourceAccount: &granted.Account,
		}))
	})
}

// addFormerPool makes what another ExistingUserPoolId leaves: a pool that names the
// trigger, and the permission that was kept for it.
func (p planter) addFormerPool() {
	users, functions := cognitoidentityprovider.NewFromConfig(p.aws.Config()), lambda.NewFromConfig(p.aws.Config())
	pool := must[*cognitoidentityprovider.CreateUserPoolOutput](p.T)(users.CreateUserPool(p.Context(), &cognitoidentityprovider.CreateUserPoolInput{
		PoolName: aws.String("former"), LambdaConfig: &types.LambdaConfigType{PostConfirmation: &p.aws.Stack.TriggerARN},
	})).UserPool
	p.Cleanup(func() {
		must[*cognitoidentityprovider.DeleteUserPoolOutput](p.T)(users.DeleteUserPool(background, &cognitoidentityprovider.DeleteUserPoolInput{UserPoolId: pool.Id}))
	})
	must[*lambda.AddPermissionOutput](p.T)(functions.AddPermission(p.Context(), &lambda.AddPermissionInput{
		FunctionName: &p.aws.Stack.TriggerARN, StatementId: aws.String("former"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String(permission.CognitoPrincipal), SourceArn: pool.Arn, SourceAccount: aws.String("123456789012"),
	}))
	p.Cleanup(func() {
		must[*lambda.RemovePermissionOutput](p.T)(functions.RemovePermission(background, &lambda.RemovePermissionInput{
			FunctionName: &p.aws.Stack.TriggerARN, StatementId: aws.String("former"),
		}))
	})
}

// addClient adds an app client that may write what it likes, and a rule.
func (p planter) addClient() {
	p.addClientThatWrites()
	p.setRules(`[{"attribute": "locale", "equals": "de", "groups": ["members"]}]`)
}

func (p planter) addVerifyingClient() { p.addClientThatWrites("email", "email_verified") }

func (p planter) addClientThatWrites(attributes ...string) {
	users := cognitoidentityprovider.NewFromConfig(p.aws.Config())
	pool := &p.aws.Stack.UserPoolID
	client := must[*cognitoidentityprovider.CreateUserPoolClientOutput](p.T)(users.CreateUserPoolClient(p.Context(),
		&cognitoidentityprovider.CreateUserPoolClientInput{UserPoolId: pool, ClientName: aws.String("generous"), WriteAttributes: attributes})).UserPoolClient
	p.Cleanup(func() {
		must[*cognitoidentityprovider.DeleteUserPoolClientOutput](p.T)(users.DeleteUserPoolClient(background,
			&cognitoidentityprovider.DeleteUserPoolClientInput{UserPoolId: pool, ClientId: client.ClientId}))
	})
}

// addProvider adds an identity provider with the mapping that the console begins with.
func (p planter) addProvider() {
	users := cognitoidentityprovider.NewFromConfig(p.aws.Config())
	pool, name := &p.aws.Stack.UserPoolID, aws.String("Google")
	must[*cognitoidentityprovider.CreateIdentityProviderOutput](p.T)(users.CreateIdentityProvider(p.Context(), &cognitoidentityprovider.CreateIdentityProviderInput{
		UserPoolId: pool, ProviderName: name, ProviderType: types.IdentityProviderTypeTypeGoogle,
		ProviderDetails:  map[string]string{"client_id": "id", "client_secret": "secret", "authorize_scopes": "openid email"},
		AttributeMapping: map[string]string{"email": "email", "username": "sub"},
	}))
	p.Cleanup(func() {
		must[*cognitoidentityprovider.DeleteIdentityProviderOutput](p.T)(users.DeleteIdentityProvider(background,
			&cognitoidentityprovider.DeleteIdentityProviderInput{UserPoolId: pool, ProviderName: name}))
	})
}

// setRules makes the stack say that it was deployed with these group rules.
func (p planter) setRules(rules string) {
	p.Helper()
	p.rewrite("DescribeStacks", "</Parameters>",
		"<member><ParameterKey>GroupRules</ParameterKey><ParameterValue>"+rules+"</ParameterValue></member></Parameters>")
}

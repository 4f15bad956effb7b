package pooltrigger

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// cognitoPool is a user pool, and the policy of functions, of all where a statement names
// none. Like Cognito, it
// resets what an update leaves out.
type cognitoPool struct {
	settings types.UserPoolType
	mfa      cognitoidentityprovider.GetUserPoolMfaConfigOutput
	policy   []map[string]any
	calls    []string // but for those that read

	// Each may be nil. onUpdate is asked before an update, and may change it;
	// updated runs after it, and what it returns is the answer; onRead runs
	// before the pool is read.
	onUpdate func(*cognitoidentityprovider.UpdateUserPoolInput) error
	updated  func() error
	onRead   func() error
}

// newCognitoPool has every setting set, and no PostConfirmation trigger.
func newCognitoPool(t *testing.T) *cognitoPool {
	t.Helper()
	p := filledPool(t)
	p.settings.Id, p.settings.Arn = aws.String(opstest.PoolID), aws.String(opstest.PoolARN)
	p.settings.EmailConfiguration.From = aws.String("Jane <jane@example.com>")
	p.settings.EmailVerificationMessage = p.settings.VerificationMessageTemplate.EmailMessage
	p.settings.EmailVerificationSubject = p.settings.VerificationMessageTemplate.EmailSubject
	p.settings.SmsVerificationMessage = p.settings.VerificationMessageTemplate.SmsMessage
	p.settings.LambdaConfig.PreTokenGenerationConfig.LambdaArn = p.settings.LambdaConfig.PreTokenGeneration
	p.settings.LambdaConfig.PostConfirmation = nil
	return &cognitoPool{settings: p.settings, mfa: p.mfa}
}

func (c *cognitoPool) setTrigger(arn string) {
	c.settings.LambdaConfig = (&pool{settings: c.settings}).withTrigger(postConfirmation, arn).settings.LambdaConfig
}

func (c *cognitoPool) trigger() string { return aws.ToString(c.settings.LambdaConfig.PostConfirmation) }

func (c *cognitoPool) DescribeUserPool(ctx context.Context, in *cognitoidentityprovider.DescribeUserPoolInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error) {
	if c.onRead != nil {
		if err := c.onRead(); err != nil {
			return nil, err
		}
	}
	if *in.UserPoolId != opstest.PoolID || ctx.Err() != nil {
		return nil, opstest.APIError("ResourceNotFoundException")
	}
	settings := c.settings
	return &cognitoidentityprovider.DescribeUserPoolOutput{UserPool: &settings}, nil
}

func (c *cognitoPool) GetUserPoolMfaConfig(context.Context, *cognitoidentityprovider.GetUserPoolMfaConfigInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.GetUserPoolMfaConfigOutput, error) {
	mfa := c.mfa
	return &mfa, nil
}

func (c *cognitoPool) UpdateUserPool(ctx context.Context, in *cognitoidentityprovider.UpdateUserPoolInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.UpdateUserPoolOutput, error) {
	c.calls = append(c.calls, "UpdateUserPool")
	if c.onUpdate != nil {
		if err := c.onUpdate(in); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	settings := reflect.ValueOf(&c.settings).Elem()
	for _, name := range fieldsOf[cognitoidentityprovider.UpdateUserPoolInput]() {
		if _, other := renamed[name]; !other {
			settings.FieldByName(name).Set(reflect.ValueOf(*in).FieldByName(name))
		}
	}
	c.settings.LastModifiedDate = aws.Time(c.settings.LastModifiedDate.Add(1))
	if c.updated != nil {
		return &cognitoidentityprovider.UpdateUserPoolOutput{}, c.updated()
	}
	return &cognitoidentityprovider.UpdateUserPoolOutput{}, nil
}

func (c *cognitoPool) SetUserPoolMfaConfig(_ context.Context, in *cognitoidentityprovider.SetUserPoolMfaConfigInput, _ ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.SetUserPoolMfaConfigOutput, error) {
	c.calls = append(c.calls, "SetUserPoolMfaConfig")
	c.mfa = cognitoidentityprovider.GetUserPoolMfaConfigOutput{
		EmailMfaConfiguration: in.EmailMfaConfiguration, MfaConfiguration: in.MfaConfiguration, SmsMfaConfiguration: in.SmsMfaConfiguration,
		SoftwareTokenMfaConfiguration: in.SoftwareTokenMfaConfiguration, WebAuthnConfiguration: in.WebAuthnConfiguration,
	}
	return &cognitoidentityprovider.SetUserPoolMfaConfigOutput{}, nil
}

func (c *cognitoPool) GetPolicy(_ context.Context, in *lambda.GetPolicyInput, _ ...func(*lambda.Options)) (*lambda.GetPolicyOutput, error) {
	own := slices.DeleteFunc(slices.Clone(c.policy), func(s map[string]any) bool { return s["Resource"] != nil && s["Resource"] != *in.FunctionName })
	if len(own) == 0 {
		return nil, &lambdatypes.ResourceNotFoundException{}
	}
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": own})
	return &lambda.GetPolicyOutput{Policy: aws.String(string(policy))}, err
}

func (c *cognitoPool) AddPermission(_ context.Context, in *lambda.AddPermissionInput, _ ...func(*lambda.Options)) (*lambda.AddPermissionOutput, error) {
	c.calls = append(c.calls, "AddPermission")
	c.policy = append(c.policy, map[string]any{
		"Sid": *in.StatementId, "Resource": *in.FunctionName, "Effect": "Allow", "Action": *in.Action, "Principal": map[string]any{"Service": *in.Principal},
		"Condition": map[string]any{"ArnLike": map[string]any{"AWS:SourceArn": *in.SourceArn}, "StringEquals": map[string]any{"AWS:SourceAccount": *in.SourceAccount}},
	})
	return &lambda.AddPermissionOutput{}, nil
}

func (c *cognitoPool) RemovePermission(_ context.Context, in *lambda.RemovePermissionInput, _ ...func(*lambda.Options)) (*lambda.RemovePermissionOutput, error) {
	c.calls = append(c.calls, "RemovePermission")
	for i, statement := range c.policy {
		if statement["Sid"] == *in.StatementId && statement["Resource"] == *in.FunctionName {
			c.policy = append(c.policy[:i], c.policy[i+1:]...)
			return &lambda.RemovePermissionOutput{}, nil
		}
	}
	return nil, &lambdatypes.ResourceNotFoundException{}
}

// runner is attach or detach.
type runner interface {
	run(context.Context, *session.Session, clients) error
}

var given = Flags{UserPool: opstest.PoolID, Trigger: opstest.FunctionARN, Yes: true, JSON: true}

// run runs the command. Without Yes, the answer is what is typed at a terminal;
// "none" stands for no terminal.
func (c *cognitoPool) run(ctx context.Context, t *testing.T, command runner, answer string) (Report, error) {
	t.Helper()
	s := opstest.NewSession(t)
	s.Stdin, s.Terminal = strings.NewReader(answer), answer != "none"
	err := command.run(ctx, s.Session, clients{c, c})
	var r Report
	if s.Out.Len() > 0 {
		r = opstest.Decode[Report](t, s.Out.String())
	}
	if text := s.Out.String() + s.Err.String(); strings.Contains(text, "@") || err != nil && strings.Contains(err.Error(), "@") {
		t.Errorf("an address is shown: %s, %v", text, err)
	}
	return r, err
}

package pooltrigger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// pool is all that Cognito tells about the settings of a user pool.
type pool struct {
	settings types.UserPoolType
	// mfa are the settings that only SetUserPoolMfaConfig can change.
	mfa cognitoidentityprovider.GetUserPoolMfaConfigOutput
}

func (c clients) readPool(ctx context.Context, id string) (*pool, error) {
	described, err := c.pools.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &id})
	if err != nil {
		return nil, fmt.Errorf("describe user pool %s: %w", id, err)
	}
	if described.UserPool == nil || aws.ToString(described.UserPool.Arn) == "" {
		return nil, fmt.Errorf("describe user pool %s: the answer has no pool", id)
	}
	mfa, err := c.pools.GetUserPoolMfaConfig(ctx, &cognitoidentityprovider.GetUserPoolMfaConfigInput{UserPoolId: &id})
	if err != nil {
		return nil, fmt.Errorf("get the MFA configuration of user pool %s: %w", id, err)
	}
	return &pool{*described.UserPool, *mfa}, nil
}

func (p *pool) id() string { return aws.ToString(p.settings.Id) }

// trigger returns the ARN of a trigger, empty if there is none.
func (p *pool) trigger(k kind) string {
	triggers := p.settings.LambdaConfig
	if triggers == nil {
		return ""
	}
	if config := triggers.PreTokenGenerationConfig; k == preTokenGeneration && config != nil && aws.ToString(config.LambdaArn) != "" {
		return *config.LambdaArn
	}
	return aws.ToString(*k.of(triggers))
}

// withTrigger returns the pool with another trigger of a kind, or none for an empty
// ARN. Every other trigger stays.
func (p *pool) withTrigger(k kind, arn string) *pool {
	changed := *p
	triggers := new(types.LambdaConfigType)
	if p.settings.LambdaConfig != nil {
		*triggers = *p.settings.LambdaConfig
	}
	set := k.of(triggers)
	*set = nil
	if arn != "" {
		*set = &arn
	}
	if k == preTokenGeneration { // both parameters, of which Cognito may describe the one and the other
		triggers.PreTokenGenerationConfig = nil
		if arn != "" {
			triggers.PreTokenGenerationConfig = &types.PreTokenGenerationVersionConfigType{
				LambdaArn: &arn, LambdaVersion: types.PreTokenGenerationLambdaVersionTypeV10,
			}
		}
	}
	changed.settings.LambdaConfig = triggers
	return &changed
}

// update returns the call that gives the pool these settings. UpdateUserPool sets
// what it does not get to its default
// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html),
// so each of its parameters is filled; a test holds this against the SDK's types.
//
// Values go back as Cognito described them. It may refuse some of them all the
// same, with InvalidParameterException and nothing changed: a message template
// that it took before it reserved those for pools that send through SES, an SMS
// role that is gone, MFA for a time-based password alone
// (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/769).
// Leaving such a parameter out would reset it.
func (p *pool) update() *cognitoidentityprovider.UpdateUserPoolInput {
	s := p.settings
	return &cognitoidentityprovider.UpdateUserPoolInput{
		UserPoolId: s.Id,
		PoolName:   s.Name, // which can be changed since: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-updating.html

		AccountRecoverySetting:      s.AccountRecoverySetting,
		AdminCreateUserConfig:       p.adminCreateUserConfig(),
		AutoVerifiedAttributes:      s.AutoVerifiedAttributes,
		DeletionProtection:          s.DeletionProtection,
		DeviceConfiguration:         s.DeviceConfiguration,
		EmailConfiguration:          s.EmailConfiguration,
		EmailVerificationMessage:    s.EmailVerificationMessage,
		EmailVerificationSubject:    s.EmailVerificationSubject,
		IssuerConfiguration:         s.IssuerConfiguration,
		KeyConfiguration:            s.KeyConfiguration,
		LambdaConfig:                s.LambdaConfig,
		MfaConfiguration:            s.MfaConfiguration,
		Policies:                    s.Policies,
		SmsAuthenticationMessage:    s.SmsAuthenticationMessage,
		SmsConfiguration:            s.SmsConfiguration,
		SmsVerificationMessage:      s.SmsVerificationMessage,
		UserAttributeUpdateSettings: s.UserAttributeUpdateSettings,
		UserPoolAddOns:              s.UserPoolAddOns,
		UserPoolTags:                ownTags(s.UserPoolTags),
		UserPoolTier:                s.UserPoolTier, // ESSENTIALS, and its price, if left out
		VerificationMessageTemplate: s.VerificationMessageTemplate,
	}
}

// adminCreateUserConfig leaves the legacy parameter out where the password policy
// has taken its place. Cognito describes both, and refuses both: "Please use
// TemporaryPasswordValidityDays in PasswordPolicy instead of
// UnusedAccountValidityDays" (https://github.com/aws/aws-sdk-js/issues/3817). Where
// only the legacy one is set, it is the one that counts.
func (p *pool) adminCreateUserConfig() *types.AdminCreateUserConfigType {
	config := p.settings.AdminCreateUserConfig
	if config == nil || p.temporaryPasswordDays() == 0 {
		return config
	}
	carried := *config
	carried.UnusedAccountValidityDays = 0 // which the SDK does not send
	return &carried
}

func (p *pool) temporaryPasswordDays() int32 {
	if p.settings.Policies == nil || p.settings.Policies.PasswordPolicy == nil {
		return 0
	}
	return p.settings.Policies.PasswordPolicy.TemporaryPasswordValidityDays
}

// ownTags leaves out the tags of AWS itself, such as those of CloudFormation:
// nobody else may set or remove them
// (https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html).
func ownTags(tags map[string]string) map[string]string {
	own := maps.Clone(tags)
	maps.DeleteFunc(own, func(key, _ string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") })
	return own
}

// checkCarried returns an error that names the settings that one call of
// UpdateUserPool cannot carry over, because it has two parameters for them which
// Cognito keeps equal, and the pool has them unequal.
func (p *pool) checkCarried() error {
	s := p.settings
	template, triggers := s.VerificationMessageTemplate, s.LambdaConfig
	if template == nil {
		template = new(types.VerificationMessageTemplateType)
	}
	if triggers == nil {
		triggers = new(types.LambdaConfigType)
	}
	config := triggers.PreTokenGenerationConfig
	if config == nil {
		config = new(types.PreTokenGenerationVersionConfigType)
	}
	var refused []error
	for _, twins := range []struct {
		old, current         *string
		oldName, currentName string
	}{
		// The first three are the same setting under an old name
		// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html).
		{s.EmailVerificationMessage, template.EmailMessage, "EmailVerificationMessage", "VerificationMessageTemplate.EmailMessage"},
		{s.EmailVerificationSubject, template.EmailSubject, "EmailVerificationSubject", "VerificationMessageTemplate.EmailSubject"},
		{s.SmsVerificationMessage, template.SmsMessage, "SmsVerificationMessage", "VerificationMessageTemplate.SmsMessage"},
		// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_LambdaConfigType.html
		{triggers.PreTokenGeneration, config.LambdaArn, "LambdaConfig.PreTokenGeneration", "LambdaConfig.PreTokenGenerationConfig.LambdaArn"},
	} {
		if a, b := aws.ToString(twins.old), aws.ToString(twins.current); a != "" && b != "" && a != b {
			refused = append(refused, fmt.Errorf("%s and %s differ, and UpdateUserPool takes them for one", twins.oldName, twins.currentName))
		}
	}
	if refused != nil {
		return fmt.Errorf("nothing was changed, because not every setting of the pool can be carried over: %w. Set the trigger in the Cognito console", errors.Join(refused...))
	}
	return nil
}

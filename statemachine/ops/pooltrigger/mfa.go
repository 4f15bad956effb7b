package pooltrigger

import (
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// mfaUpdate returns the call that gives the pool these settings of MFA and
// passkeys, of which UpdateUserPool knows only whether MFA is on.
//
// Where MFA is off, factors must not be given: "Invalid MFA configuration given,
// can't turn off MFA and configure an MFA together"
// (https://github.com/lgallard/terraform-aws-cognito-user-pool/issues/74). The
// configuration of SMS is then in UpdateUserPool too.
func (p *pool) mfaUpdate() *cognitoidentityprovider.SetUserPoolMfaConfigInput {
	in := &cognitoidentityprovider.SetUserPoolMfaConfigInput{
		UserPoolId:                    p.settings.Id,
		MfaConfiguration:              p.mfa.MfaConfiguration,
		EmailMfaConfiguration:         p.mfa.EmailMfaConfiguration,
		SmsMfaConfiguration:           p.mfa.SmsMfaConfiguration,
		SoftwareTokenMfaConfiguration: p.mfa.SoftwareTokenMfaConfiguration,
		WebAuthnConfiguration:         p.mfa.WebAuthnConfiguration,
	}
	if in.MfaConfiguration == types.UserPoolMfaTypeOff {
		in.EmailMfaConfiguration, in.SmsMfaConfiguration, in.SoftwareTokenMfaConfiguration = nil, nil, nil
	}
	return in
}

package doctor

import (
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// checkPoolMail looks who sends the pool's own mails, those with the codes. Cognito itself
// sends 50 a day for an account
// (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html): the
// next sign-up fails before the trigger, so that nothing else here can tell.
func checkPoolMail(k *stack, pool poolFunc) ([]Finding, error) {
	p, err := pool()
	if isGone(err) {
		return nil, errNoPool
	}
	if err != nil {
		return nil, err
	}
	if p.EmailConfiguration != nil && p.EmailConfiguration.EmailSendingAccount == types.EmailSendingAccountTypeDeveloper {
		return nil, nil
	}
	mend := "in the Cognito console, send email with Amazon SES: " + poolConsole(k, "authentication-methods")
	if k.parameters["ExistingUserPoolId"] == "" {
		mend = "deploy with PoolMailIdentity, the identity of SES that SenderEmail is verified by"
	}
	return []Finding{warning("the pool mails its codes through Cognito, which sends 50 mails a day: the sign-ups after that fail", mend)}, nil
}

package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

type identityAPI interface {
	GetEmailIdentity(context.Context, *sesv2.GetEmailIdentityInput, ...func(*sesv2.Options)) (*sesv2.GetEmailIdentityOutput, error)
}

// identities returns the identities that an address may be sent from: itself, its
// domain and the parent domains, the most specific first
// (https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html).
func identities(address string) []string {
	found := []string{address}
	_, domain, _ := strings.Cut(address, "@")
	for domain = strings.ToLower(domain); strings.Contains(domain, "."); _, domain, _ = strings.Cut(domain, ".") {
		found = append(found, domain)
	}
	return found
}

// checkSender checks that SES lets the address send: that it or a domain of it is
// a verified identity, signed by DKIM or not, and that nothing that hangs on this
// identity refuses the mail.
func checkSender(ctx context.Context, api identityAPI, address string) ([]Finding, error) {
	var pending []string
	for _, identity := range identities(address) {
		out, err := api.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &identity})
		if _, none := errors.AsType[*types.NotFoundException](err); none {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("get identity: %w", err)
		}
		if out.VerifiedForSendingStatus {
			return checkIdentity(identity, out), nil
		}
		pending = append(pending, identity)
	}
	found := "neither " + address + " nor its domain is an identity of SES in this Region"
	if len(pending) > 0 {
		found = address + " may not send: the identity " + strings.Join(pending, ", ") + " is not verified"
	}
	// The command makes the identity, or repeats the mail for one that waits.
	return []Finding{fault(found, "aws ses verify-email-identity --email-address "+quote(address)+"   # then open the link in the mail that arrives there")}, nil
}

// checkIdentity checks what a verified identity is configured with. Its default
// configuration set does not matter, because the mail names another one.
func checkIdentity(identity string, out *sesv2.GetEmailIdentityOutput) []Finding {
	if from := out.MailFromAttributes; from != nil && from.MailFromDomainStatus != types.MailFromDomainStatusSuccess &&
		from.BehaviorOnMxFailure == types.BehaviorOnMxFailureRejectMessage && aws.ToString(from.MailFromDomain) != "" {
		return []Finding{fault(fmt.Sprintf("the MAIL FROM domain of %s is %s, and SES rejects its mails meanwhile", identity, from.MailFromDomainStatus),
			"aws sesv2 put-email-identity-mail-from-attributes --email-identity "+quote(identity)+" --mail-from-domain "+
				quote(*from.MailFromDomain)+" --behavior-on-mx-failure USE_DEFAULT_VALUE")}
	}
	return []Finding{fine("verified by the identity " + identity)}
}

type accountAPI interface {
	GetAccount(context.Context, *sesv2.GetAccountInput, ...func(*sesv2.Options)) (*sesv2.GetAccountOutput, error)
}

// checkAccount checks what SES allows the account. The sandbox is a fault: there
// SES rejects every mail to an address that is not verified, which is to say every
// welcome mail but the developers' own, and each stops an execution
// (https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html).
func checkAccount(ctx context.Context, api accountAPI, k *stack) ([]Finding, error) {
	out, err := api.GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return nil, fmt.Errorf("get account: %w", err)
	}
	dashboard := k.console() + "/ses/home?region=" + k.id.Region + "#/account"
	var found []Finding
	if !out.ProductionAccessEnabled {
		found = append(found, fault("the account is in the SES sandbox: mail to addresses that are not verified is rejected",
			"request production access on the Account dashboard: "+dashboard))
	}
	if !out.SendingEnabled {
		found = append(found, fault("sending is paused for the account", "aws sesv2 put-account-sending-attributes --sending-enabled"))
	}
	switch status := aws.ToString(out.EnforcementStatus); status {
	case "SHUTDOWN":
		found = append(found, fault("SES has shut the account's sending down", "answer the case that AWS opened: "+dashboard))
	case "PROBATION":
		found = append(found, warning("SES has put the account on probation, and may shut it down", "answer the case that AWS opened: "+dashboard))
	}
	// A quota of -1 is none
	// (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendQuota.html).
	if q := cmp.Or(out.SendQuota, &types.SendQuota{Max24HourSend: -1}); q.Max24HourSend >= 0 && q.SentLast24Hours >= q.Max24HourSend {
		found = append(found, warning(fmt.Sprintf("the quota is used up, and mails wait: %.0f of %.0f sent in 24 hours", q.SentLast24Hours, q.Max24HourSend),
			"raise the sending quota: "+k.console()+"/servicequotas/home/services/ses/quotas"))
	}
	return found, nil
}

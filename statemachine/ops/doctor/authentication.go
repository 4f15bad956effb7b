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

// authentication is by what a receiver can tell that a mail is the sender's.
type authentication struct {
	// signer is the identity that signs by DKIM; empty if none does.
	signer string
	// domain is the most specific domain that is an identity, and dkim whether SES found
	// its DKIM records; empty if none is.
	domain string
	dkim   types.DkimStatus
	// mailFrom is the MAIL FROM domain; empty if it is SES's.
	mailFrom string
	// broken is the identity whose MAIL FROM domain cannot be used.
	broken string
}

// checkAuthentication checks that the mail is signed by DKIM, and that a MAIL FROM
// domain, if there is one, can be used. Gmail wants a signature of the sender's domain
// from who sends it 5,000 mails a day, and Apple, for mail to a hidden address, one or
// a MAIL FROM domain that is registered there
// (https://support.google.com/a/answer/81126,
// https://developer.apple.com/help/account/configure-app-capabilities/configure-private-email-relay-service).
// Without a MAIL FROM domain of its own, a mail passes SPF for SES's domain and DMARC
// by the signature alone, which is enough
// (https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dmarc.html).
//
// SES does not know which DMARC record the domain has, nor what is registered with
// Apple: the runbook says how to look.
func checkAuthentication(ctx context.Context, api identityAPI, k *stack) ([]Finding, error) {
	address := k.parameters["SenderEmail"]
	a, known, err := readAuthentication(ctx, api, address)
	if err != nil || !known { // the check of the sender says that there is no identity
		return nil, err
	}
	var found []Finding
	if a.signer == "" {
		found = append(found, unsigned(k, a, address))
	}
	if a.broken != "" {
		found = append(found, warning("the MAIL FROM domain of "+a.broken+" cannot be used, and SES takes its own",
			"publish the MX and TXT records that SES shows, or take the domain away: "+identityConsole(k, a.broken)))
	}
	if len(found) == 0 {
		found = append(found, fine("signed by DKIM as "+a.signer+"; MAIL FROM domain "+cmp.Or(a.mailFrom, "of SES")))
	}
	return found, nil
}

// readAuthentication asks all identities of the address: one has the settings of its
// domain, unless it has its own
// (https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html).
func readAuthentication(ctx context.Context, api identityAPI, address string) (a authentication, known bool, err error) {
	for i, identity := range identities(address) {
		out, err := api.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &identity})
		if _, none := errors.AsType[*types.NotFoundException](err); none {
			continue
		}
		if err != nil {
			return a, false, fmt.Errorf("get identity: %w", err)
		}
		known = true
		a.add(identity, i > 0, out)
	}
	return a, known, nil
}

// add adds what an identity says. The more specific ones came before.
func (a *authentication) add(identity string, isDomain bool, out *sesv2.GetEmailIdentityOutput) {
	dkim, from := cmp.Or(out.DkimAttributes, &types.DkimAttributes{}), cmp.Or(out.MailFromAttributes, &types.MailFromAttributes{})
	if dkim.SigningEnabled && dkim.Status == types.DkimStatusSuccess {
		a.signer = cmp.Or(a.signer, identity)
	}
	if isDomain && a.domain == "" {
		a.domain, a.dkim = identity, dkim.Status
	}
	switch {
	case aws.ToString(from.MailFromDomain) == "" || a.mailFrom+a.broken != "":
	case from.MailFromDomainStatus == types.MailFromDomainStatusSuccess,
		from.BehaviorOnMxFailure == types.BehaviorOnMxFailureRejectMessage: // which the check of the sender looks at
		a.mailFrom = *from.MailFromDomain
	default:
		a.broken = identity
	}
}

// unsigned says why the mail is not signed by DKIM, and how to have it signed.
func unsigned(k *stack, a authentication, address string) Finding {
	const found = "the mail has no DKIM signature of the sender's, and may be refused: "
	switch {
	case a.domain == "":
		_, domain, _ := strings.Cut(address, "@")
		return warning(found+domain+" is no identity of SES in this Region", "aws sesv2 create-email-identity --email-identity "+quote(domain)+
			"   # a domain that is yours; then publish the CNAME records that it shows")
	case a.dkim == types.DkimStatusSuccess:
		return warning(found+a.domain+" has its signature switched off", "aws sesv2 put-email-identity-dkim-attributes --signing-enabled --email-identity "+quote(a.domain))
	}
	return warning(fmt.Sprintf("%sthe DKIM records of %s are %s", found, a.domain, a.dkim),
		"publish the CNAME records that SES shows: "+identityConsole(k, a.domain))
}

// identityConsole returns the address of the console's page of an identity.
func identityConsole(k *stack, identity string) string {
	return k.console() + "/ses/home?region=" + k.id.Region + "#/verified-identities/" + identity
}

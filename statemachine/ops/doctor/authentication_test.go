package doctor

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// identity is one whose DKIM records are in that state, and which signs or not.
func identity(status types.DkimStatus, signs bool) *sesv2.GetEmailIdentityOutput {
	return &sesv2.GetEmailIdentityOutput{VerifiedForSendingStatus: true, DkimAttributes: &types.DkimAttributes{Status: status, SigningEnabled: signs}}
}

// mailFrom is an identity that signs, and has a MAIL FROM domain in that state.
func mailFrom(status types.MailFromDomainStatus, behavior types.BehaviorOnMxFailure) *sesv2.GetEmailIdentityOutput {
	out := identity(types.DkimStatusSuccess, true)
	out.MailFromAttributes = &types.MailFromAttributes{MailFromDomain: aws.String("bounce.example.com"), MailFromDomainStatus: status, BehaviorOnMxFailure: behavior}
	return out
}

func TestAuthenticationOfTheSender(t *testing.T) {
	const address = "welcome@mail.example.com"
	plain, signed := identity(types.DkimStatusNotStarted, false), identity(types.DkimStatusSuccess, true)
	type identities = map[string]*sesv2.GetEmailIdentityOutput
	for _, test := range []struct {
		name string
		mail identities
		want string
	}{
		{"no identity", nil, ""},
		{"domain that signs", identities{"mail.example.com": signed}, "ok: signed by DKIM as mail.example.com; MAIL FROM domain of SES"},
		{"parent domain that signs", identities{"example.com": signed}, "ok: signed by DKIM as example.com"},
		{"address whose domain signs", identities{address: plain, "mail.example.com": signed}, "ok: signed by DKIM as mail.example.com"},
		{"address that signs", identities{address: signed, "mail.example.com": plain}, "ok: signed by DKIM as " + address},
		{"only the address", identities{address: plain}, "aws sesv2 create-email-identity --email-identity mail.example.com   #"},
		{"nothing is said", identities{address: {}}, "mail.example.com is no identity"},
		{"records not found", identities{address: plain, "example.com": identity(types.DkimStatusFailed, true)}, "the DKIM records of example.com are FAILED | publish the CNAME records that SES shows: https://us-east-1.console.aws.amazon.com/ses/home?region=us-east-1#/verified-identities/example.com"},
		{"switched off", identities{"example.com": identity(types.DkimStatusSuccess, false)}, "put-email-identity-dkim-attributes --signing-enabled --email-identity example.com"},
		{"MAIL FROM domain", identities{"example.com": mailFrom(types.MailFromDomainStatusSuccess, types.BehaviorOnMxFailureRejectMessage)}, "; MAIL FROM domain bounce.example.com"},
		{"MAIL FROM of the domain", identities{address: plain, "example.com": mailFrom(types.MailFromDomainStatusSuccess, "")}, "; MAIL FROM domain bounce.example.com"},
		{"MAIL FROM that fails", identities{"example.com": mailFrom(types.MailFromDomainStatusFailed, types.BehaviorOnMxFailureUseDefaultValue)}, "warning: the MAIL FROM domain of example.com cannot be used"},
		{"MAIL FROM that fails and rejects", identities{"example.com": mailFrom(types.MailFromDomainStatusFailed, types.BehaviorOnMxFailureRejectMessage)}, "; MAIL FROM domain bounce.example.com"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := healthyStack()
			k.parameters["SenderEmail"] = address
			found, err := checkAuthentication(t.Context(), mail{identities: test.mail}, k)
			got := summary(t, found)
			want := Warning
			if strings.HasPrefix(test.want, "ok") || strings.HasPrefix(test.want, "; ") {
				want = OK
			}
			if err != nil || (test.want == "") != (got == "") || !strings.Contains(got, test.want) || got != "" && (len(found) != 1 || found[0].Verdict != want) {
				t.Errorf("found %s%v; want %s", got, err, test.want)
			}
		})
	}
	if found, err := checkAuthentication(t.Context(), mail{err: opstest.APIError("AccessDeniedException")}, healthyStack()); err == nil || len(found) > 0 {
		t.Errorf("a denied call: %v, %v", found, err)
	}
}

package doctor

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// mail has identities by name.
type mail struct {
	identities map[string]*sesv2.GetEmailIdentityOutput
	err        error
}

func (m mail) GetEmailIdentity(_ context.Context, in *sesv2.GetEmailIdentityInput, _ ...func(*sesv2.Options)) (*sesv2.GetEmailIdentityOutput, error) {
	out, found := m.identities[*in.EmailIdentity]
	if !found && m.err == nil {
		return nil, &types.NotFoundException{}
	}
	return out, m.err
}

func TestSender(t *testing.T) {
	const address = "Welcome@Mail.example.com"
	verified, pending := &sesv2.GetEmailIdentityOutput{VerifiedForSendingStatus: true}, &sesv2.GetEmailIdentityOutput{}
	withSet := &sesv2.GetEmailIdentityOutput{VerifiedForSendingStatus: true, ConfigurationSetName: aws.String("set")}
	mailFrom := func(behavior types.BehaviorOnMxFailure) *sesv2.GetEmailIdentityOutput {
		return &sesv2.GetEmailIdentityOutput{VerifiedForSendingStatus: true, MailFromAttributes: &types.MailFromAttributes{
			MailFromDomain: aws.String("bounce.example.com"), MailFromDomainStatus: types.MailFromDomainStatusFailed, BehaviorOnMxFailure: behavior,
		}}
	}
	type identities = map[string]*sesv2.GetEmailIdentityOutput
	for _, test := range []struct {
		name string
		mail mail
		want string
	}{
		{"address", mail{identities: identities{address: verified}}, "ok: verified by the identity " + address},
		{"domain", mail{identities: identities{"mail.example.com": verified}}, "ok: verified by the identity mail.example.com"},
		{"parent domain", mail{identities: identities{address: pending, "example.com": verified}}, "ok: verified by the identity example.com"},
		{"address before domain", mail{identities: identities{address: verified, "example.com": withSet}}, "ok: verified by the identity " + address},
		{"none", mail{}, "aws ses verify-email-identity --email-address " + address},
		{"not a top-level domain", mail{identities: identities{"com": verified}}, "fault: neither"},
		{"pending", mail{identities: identities{"mail.example.com": pending}}, "the identity mail.example.com is not verified"},
		{"MAIL FROM fails and rejects", mail{identities: identities{address: mailFrom(types.BehaviorOnMxFailureRejectMessage)}}, "--mail-from-domain bounce.example.com --behavior-on-mx-failure USE_DEFAULT_VALUE"},
		{"MAIL FROM fails and falls back", mail{identities: identities{address: mailFrom(types.BehaviorOnMxFailureUseDefaultValue)}}, "ok"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkSender(t.Context(), test.mail, address)
			got := summary(t, found)
			if err != nil || len(found) != 1 || !strings.Contains(got, test.want) || strings.HasPrefix(test.want, "ok") != strings.HasPrefix(got, "ok") {
				t.Errorf("found %s%v; want %s", got, err, test.want)
			}
		})
	}
	if found, err := checkSender(t.Context(), mail{err: opstest.APIError("AccessDeniedException")}, address); err == nil || len(found) > 0 {
		t.Errorf("a denied call: %v, %v", found, err)
	}
}

func TestIdentitiesTheMostSpecificFirst(t *testing.T) {
	got := identities("A.b@Mail.Example.co.uk")
	want := []string{"A.b@Mail.Example.co.uk", "mail.example.co.uk", "example.co.uk", "co.uk"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

type accountFunc func() (*sesv2.GetAccountOutput, error)

func (f accountFunc) GetAccount(context.Context, *sesv2.GetAccountInput, ...func(*sesv2.Options)) (*sesv2.GetAccountOutput, error) {
	return f()
}

func TestAccount(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*sesv2.GetAccountOutput)
		want   Verdict
		says   string
	}{
		{"healthy", func(*sesv2.GetAccountOutput) {}, "", ""},
		{"sandbox", func(a *sesv2.GetAccountOutput) { a.ProductionAccessEnabled = false }, Fault, "region=us-east-1#/account"},
		{"paused", func(a *sesv2.GetAccountOutput) { a.SendingEnabled = false }, Fault, "put-account-sending-attributes"},
		{"shut down", func(a *sesv2.GetAccountOutput) { a.EnforcementStatus = aws.String("SHUTDOWN") }, Fault, "shut"},
		{"probation", func(a *sesv2.GetAccountOutput) { a.EnforcementStatus = aws.String("PROBATION") }, Warning, "probation"},
		{"quota used up", func(a *sesv2.GetAccountOutput) { a.SendQuota.SentLast24Hours = 50000 }, Warning, "50000 of 50000"},
		{"quota nearly used up", func(a *sesv2.GetAccountOutput) { a.SendQuota.SentLast24Hours = 49999 }, "", ""},
		{"no quota", func(a *sesv2.GetAccountOutput) { a.SendQuota.Max24HourSend = -1 }, "", ""},
		{"quota unknown", func(a *sesv2.GetAccountOutput) { a.SendQuota = nil }, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			account := &sesv2.GetAccountOutput{
				ProductionAccessEnabled: true, SendingEnabled: true, EnforcementStatus: aws.String("HEALTHY"),
				SendQuota: &types.SendQuota{Max24HourSend: 50000, SentLast24Hours: 7},
			}
			test.change(account)
			found, err := checkAccount(t.Context(), accountFunc(func() (*sesv2.GetAccountOutput, error) { return account, nil }), healthyStack())
			got := summary(t, found)
			if err != nil || (test.want == "") != (len(found) == 0) || !strings.HasPrefix(got, string(test.want)) || !strings.Contains(got, test.says) {
				t.Errorf("found %q, %v; want %s that says %q", got, err, test.want, test.says)
			}
		})
	}
	denied := accountFunc(func() (*sesv2.GetAccountOutput, error) { return nil, opstest.APIError("AccessDeniedException") })
	if _, err := checkAccount(t.Context(), denied, healthyStack()); err == nil {
		t.Error("a denied call is no error")
	}
}

package local_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/dev/local"
)

// mailTo onboards the user, with what the app client sends as the locale, and
// returns the one mail to the address.
func mailTo(t *testing.T, aws *local.AWS, as local.User, metadata, address string) local.Mail {
	t.Helper()
	needsStep(t, mailState)
	u := signUpAs(t, aws, as)
	if address == "" {
		address = u.Email
	}
	if err := aws.Confirm(t.Context(), u.User, map[string]string{"locale": metadata}); err != nil {
		t.Fatal(err)
	}
	checkSucceeded(t, wait(t, aws, u))
	mails := aws.Mails(address)
	if len(mails) != 1 {
		t.Fatalf("%d mails to %s, want 1", len(mails), address)
	}
	return mails[0]
}

func TestMailIsInTheLanguageOfTheUser(t *testing.T) {
	aws := startAWS(t)
	for name, test := range map[string]struct{ attribute, metadata, subject string }{
		"the attribute":                   {"de", "fr", "Willkommen bei "},
		"the metadata":                    {"", "fr", "Bienvenue sur "},
		"without the region":              {"es-MX", "", "Te damos la bienvenida a "},
		"another variant":                 {"pt-PT", "de", "Boas-vindas ao "},
		"written as a system does":        {"ja_JP.UTF-8", "", "へようこそ"},
		"the metadata after the unknown":  {"tlh", "FR_ca", "Bienvenue sur "},
		"English after the unknown":       {"zh-Hant-TW", "tlh", "Welcome to "},
		"English after nothing":           {"", "", "Welcome to "},
		"English after what is no locale": {"../../../etc/passwd", "{{.App}}", "Welcome to "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			as := local.User{Name: "Zéphyrine Quux", Attributes: map[string]string{}}
			if test.attribute != "" {
				as.Attributes["locale"] = test.attribute
			}
			if mail := mailTo(t, aws, as, test.metadata, ""); !strings.Contains(mail.Subject, test.subject) {
				t.Errorf("locale %q, metadata %q: subject %q, want %q", test.attribute, test.metadata, mail.Subject, test.subject)
			}
		})
	}
}

func TestHostileNameIsNotInTheMail(t *testing.T) {
	aws := startAWS(t)
	for kind, name := range map[string]string{
		"URL":                      "https://casino.example/win",
		"domain":                   "Win at casino.example",
		"domain of two letters":    "Win at t.Com",
		"domain in words":          "casino dot com",
		"domain that is not ASCII": "казино.рф",
		"punycode":                 "xn--80ak6aa92e.com",
		"another dot":              "casino．example",
		"what reads like a dot":    "casino·com",
		"control characters":       "Win\r\nBcc: casino",
		"bidirectional controls":   "Win \u202eonisac",
		"invisible character":      "casino\u200b.example",
		"10,000 characters":        strings.Repeat("casino win ", 10000/11+1),
		"HTML":                     `<a href="//casino">Win</a>`,
		"template":                 "{{.App.URL}} win",
		"telephone number":         "Call 0800 123 456",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			mail := mailTo(t, aws, local.User{Name: name}, "", "")
			if !strings.HasPrefix(mail.Text, "Hello,\n") || !strings.Contains(mail.HTML, ">Hello,</p>") {
				t.Errorf("name %.40q: the mail greets somebody:\n%.500s", name, mail.Text)
			}
			for _, word := range []string{"casino", "onisac", "казино", "Win", "0800", "t.Com", "xn--"} {
				if strings.Contains(mail.Subject+mail.Text+mail.HTML, word) {
					t.Errorf("name %.40q: the mail has %q", name, word)
				}
			}
		})
	}
}

func TestNameThatIsNotASCIIIsGreetedBy(t *testing.T) {
	aws := startAWS(t)
	for locale, test := range map[string]struct{ name, text, html string }{
		"ja": {"山田　太郎", "山田　太郎様\n", `<span dir="auto">山田　太郎</span>様`},
		"fr": {"علی\u200cرضا", "Bonjour علی\u200cرضا,\n", `Bonjour <span dir="auto">علی` + "\u200cرضا</span>,"},
		"en": {"N'Golo Ñandú", "Hello N'Golo Ñandú,\n", `Hello <span dir="auto">N&#39;Golo Ñandú</span>,`},
	} {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			mail := mailTo(t, aws, local.User{Name: test.name}, locale, "")
			if !strings.HasPrefix(mail.Text, test.text) || !strings.Contains(mail.HTML, test.html) {
				t.Errorf("want %q and %q in\n%s\n%s", test.text, test.html, mail.Text, mail.HTML)
			}
		})
	}
}

// The local Cognito takes no such address at sign-up, but it does later on.
func TestAddressWithADomainThatIsNotASCIIGetsTheMail(t *testing.T) {
	needsStep(t, mailState)
	a := startAWS(t)
	u := signUp(t, a)
	if _, err := cognito(a).AdminUpdateUserAttributes(t.Context(), &cognitoidentityprovider.AdminUpdateUserAttributesInput{
		UserPoolId: &a.Stack.UserPoolID, Username: &u.username, UserAttributes: []types.AttributeType{
			{Name: aws.String("email"), Value: aws.String("zephyrine@exämple.com")},
			{Name: aws.String("email_verified"), Value: aws.String("true")},
		},
	}); err != nil {
		t.Fatal(err)
	}
	u.Email = u.username // by which the user is found now
	checkSucceeded(t, confirm(t, a, u))
	if got := len(a.Mails("zephyrine@xn--exmple-cua.com")); got != 1 {
		t.Errorf("%d mails to the domain in Punycode, want 1", got)
	}
}

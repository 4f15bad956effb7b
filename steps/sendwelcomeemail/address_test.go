package main

import (
	"context"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
)

func TestAddressForSES(t *testing.T) {
	for _, test := range []struct {
		address, want string
		malformed     bool
	}{
		{"jane.doe@example.com", "jane.doe@example.com", false},
		{"Jane.Doe+x@EXAMPLE.com", "Jane.Doe+x@EXAMPLE.com", false}, // ASCII stays as it is
		{"jane@exämple.com", "jane@xn--exmple-cua.com", false},
		{"Jane@EXÄMPLE.com", "Jane@xn--exmple-cua.com", false}, // only the local part may tell cases apart
		{"jane@mail.例え.jp", "jane@mail.xn--r8jz45g.jp", false},
		{"jane@straße.example", "jane@xn--strae-oqa.example", false},
		{"jane@пример.рф", "jane@xn--e1afmkfd.xn--p1ai", false},
		{"jane@مثال.إختبار", "jane@xn--mgbh0fb.xn--kgbechtv", false},
		{"jane@xn--exmple-cua.com", "jane@xn--exmple-cua.com", false},
		{`"a@b"@exämple.com`, `"a@b"@xn--exmple-cua.com`, true},
		{"josé@exämple.com", "josé@xn--exmple-cua.com", true}, // SES refuses it for the local part
		{"josé@example.com", "josé@example.com", true},
		{"jane@-exämple.com", "jane@-exämple.com", true},
		{"jane@exä mple.com", "jane@exä mple.com", true},
		{"jane@ex\u202eämple.com", "jane@ex\u202eämple.com", true},
		{"jane@\xff.com", "jane@\xff.com", true},
		{"exämple.com", "exämple.com", true},
		{"", "", true},
	} {
		got := forSES(test.address)
		if got != test.want || isMalformed(got) != test.malformed {
			t.Errorf("%q: got %q, malformed %t, want %q, %t", test.address, got, isMalformed(got), test.want, test.malformed)
		}
	}
}

func TestMailToADomainThatIsNotASCII(t *testing.T) {
	users := has("email", "jane@exämple.com", "email_verified", "true")
	var to []string
	_, err := handle(t, users, func(_ context.Context, in *ses.SendEmailInput) (*ses.SendEmailOutput, error) {
		to = in.Destination.ToAddresses
		return &ses.SendEmailOutput{}, nil
	})
	if want := []string{"jane@xn--exmple-cua.com"}; err != nil || !reflect.DeepEqual(to, want) {
		t.Errorf("sent to %q (error %v), want %q", to, err, want)
	}
	// Now that it looks right, SES refuses the sender.
	_, err = handle(t, users, fails[ses.SendEmailInput, ses.SendEmailOutput](&smithy.GenericAPIError{Code: "InvalidParameterValue"}))
	checkError(t, err, "SES SendEmail", reflect.TypeFor[*statemachine.ConfigurationError]())
}

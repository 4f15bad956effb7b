package testmail

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// explain says what an error of SES means, without the address: what is printed may be
// kept. In the sandbox SES says which addresses are not verified
// (https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html).
func explain(err error, to string) error {
	api, is := errors.AsType[smithy.APIError](err)
	if !is {
		return fmt.Errorf("send the mail: %w", err)
	}
	code, text := api.ErrorCode(), strings.ToLower(api.ErrorMessage())
	recipient := strings.ToLower(to)
	_, unverified, _ := strings.Cut(text, "not verified.")
	switch {
	case code == "MessageRejected" && slices.Contains(strings.FieldsFunc(unverified, isBetween), recipient):
		return errors.New("the account is in the SES sandbox, and the address is not verified: aws ses verify-email-identity --email-address ADDRESS, and open the link in the mail that arrives there")
	case code == "MessageRejected" && unverified != "":
		return errors.New("the sender is not verified: ops doctor says how to mend it")
	case strings.Contains(text, recipient):
		return fmt.Errorf("SES refuses the mail: %s, with a text that names the address", code)
	}
	return fmt.Errorf("SES refuses the mail: %s: %s", code, api.ErrorMessage())
}

// isBetween reports whether the character stands between the addresses that SES lists.
func isBetween(r rune) bool { return r == ' ' || r == ',' }

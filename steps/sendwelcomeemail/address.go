package main

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// forSES returns the address as SES wants it. SES does not speak SMTPUTF8: a domain
// that is not ASCII has to be in Punycode, and a local part that is not ASCII cannot
// be mailed at all
// (https://docs.aws.amazon.com/ses/latest/APIReference/API_Destination.html). Such an
// address, and one whose domain cannot be converted, stays as it is, for SES to refuse.
func forSES(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || isASCII(address[at+1:]) || !utf8.ValidString(address) {
		return address
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + domain
}

// isMalformed reports whether the address is one that SES takes for malformed: it
// wants ASCII, and a domain with a dot
// (https://docs.aws.amazon.com/ses/latest/APIReference/API_SendEmail.html).
func isMalformed(address string) bool {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || !isASCII(address) {
		return true
	}
	at := strings.LastIndexByte(address, '@')
	return at > 64 || !isDomain.MatchString(address[at+1:])
}

var isDomain = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z0-9]$`)

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] > 0x7e {
			return false
		}
	}
	return true
}

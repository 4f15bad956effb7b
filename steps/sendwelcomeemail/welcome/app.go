package welcome

import (
	"net"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// NewApp returns the app of that name and address. A host with letters that are not
// ASCII gets its ASCII form, because mail clients disagree about what to do with it; an
// address without such a form stays as it is.
func NewApp(name, address string) App {
	return App{Name: name, URL: withASCIIHost(address)}
}

func withASCIIHost(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.ContainsFunc(u.Host, isNotASCII) {
		return address
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil {
		return address
	}
	if port := u.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	}
	u.Host = host
	return u.String()
}

func isNotASCII(r rune) bool { return r > unicode.MaxASCII }

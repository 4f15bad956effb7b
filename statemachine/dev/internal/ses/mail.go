package ses

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

// Mail is a mail that SES took, for a configuration set.
type Mail struct {
	// ID is the one that the caller is told, if the answer reaches it.
	ID string
	// Recipients are the addresses, without names.
	Recipients []string
	// Tags are those of the call, without SES's own.
	Tags             map[string][]string
	ConfigurationSet string

	operation, caller     string
	source, from, subject string
	time                  time.Time
}

// mailOf reads the mail that a call sends, if it sends one.
func mailOf(c gateway.Call) (m Mail, sends bool) {
	form := c.Form()
	m = Mail{
		operation: c.Action, caller: c.AccessKeyID, time: c.Time, ConfigurationSet: form.Get("ConfigurationSetName"),
		source: form.Get("Source"), subject: form.Get("Message.Subject.Data"), Tags: make(map[string][]string),
	}
	for i := 1; form.Has(fmt.Sprintf("Tags.member.%d.Name", i)); i++ {
		member := fmt.Sprintf("Tags.member.%d.", i)
		m.Tags[form.Get(member+"Name")] = []string{form.Get(member + "Value")}
	}
	switch c.Action {
	case "SendEmail":
		for _, kind := range []string{"To", "Cc", "Bcc"} {
			m.Recipients = append(m.Recipients, members(form, "Destination."+kind+"Addresses")...)
		}
	case "SendRawEmail":
		m.Recipients = members(form, "Destinations")
		m.readRaw(form.Get("RawMessage.Data"))
	default:
		return Mail{}, false
	}
	for i, r := range m.Recipients {
		m.Recipients[i] = addressIn(r)
	}
	m.from, m.source = m.source, addressIn(m.source)
	return m, true
}

// readRaw takes from the message what the call leaves to it.
func (m *Mail) readRaw(data string) {
	text, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return // the backend refuses it
	}
	message, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		return
	}
	m.subject = message.Header.Get("Subject")
	if m.source == "" {
		m.source = message.Header.Get("From")
	}
	if m.ConfigurationSet == "" {
		m.ConfigurationSet = message.Header.Get("X-SES-CONFIGURATION-SET")
	}
	for name, value := range pairs(message.Header.Get("X-SES-MESSAGE-TAGS")) {
		m.Tags[name] = []string{value}
	}
	if len(m.Recipients) > 0 {
		return
	}
	for _, kind := range []string{"To", "Cc", "Bcc"} {
		list, _ := message.Header.AddressList(kind)
		for _, a := range list {
			m.Recipients = append(m.Recipients, a.Address)
		}
	}
}

// pairs reads "name=value, name=value".
func pairs(s string) map[string]string {
	found := make(map[string]string)
	for pair := range strings.SplitSeq(s, ",") {
		if name, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok {
			found[name] = value
		}
	}
	return found
}

// members returns a list of the Query protocol.
func members(form url.Values, name string) []string {
	var values []string
	for i := 1; form.Has(fmt.Sprintf("%s.member.%d", name, i)); i++ {
		values = append(values, form.Get(fmt.Sprintf("%s.member.%d", name, i)))
	}
	return values
}

// addressIn returns the address of a header with or without a name.
func addressIn(header string) string {
	if a, err := mail.ParseAddress(header); err == nil {
		return a.Address
	}
	return header
}

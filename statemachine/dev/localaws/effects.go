package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/onboarding/statemachine/dev/local"
)

// effect is something that an onboarding leaves behind. It is looked for when a
// function has made the call that makes it: a step that there is not, or that skipped,
// owes none.
type effect struct {
	name, operation string
	// find returns the effect as text; none of it is an error.
	find func() (string, error)
}

// show prints the effects of an onboarding, and returns an error that names those that
// are missing.
func show(ctx context.Context, aws *local.AWS, sub, address string) error {
	var missing []error
	for _, e := range []effect{
		{"groups", "AdminAddUserToGroup", func() (string, error) {
			groups, err := aws.Groups(ctx, address)
			return strings.Join(groups, ", "), err
		}},
		{"profile", "UpdateItem", func() (string, error) { return profileOf(ctx, aws, sub) }},
		{"mail", "SendEmail", func() (string, error) { return mailTo(aws, address) }},
		{"receipt", "SendEmail", func() (string, error) { return receiptOf(ctx, aws, sub) }},
		{"event", "PutEvents", func() (string, error) {
			events, err := aws.Events(ctx, sub)
			for i := range events {
				events[i] = detail(events[i])
			}
			return strings.Join(events, "\n            "), err
		}},
	} {
		made := aws.Calls(func(c local.Call) bool {
			return c.Action == e.operation && strings.HasSuffix(c.AccessKeyID, "Function")
		})
		if len(made) == 0 {
			continue
		}
		text, err := e.find()
		if err != nil || text == "" {
			missing = append(missing, errors.Join(fmt.Errorf("missing: %s, for all that %s was called", e.name, e.operation), err))
			continue
		}
		fmt.Printf("%-12s%s\n", e.name, text)
	}
	return errors.Join(missing...)
}

func profileOf(ctx context.Context, aws *local.AWS, sub string) (string, error) {
	profile, err := aws.Profile(ctx, sub)
	if err != nil || profile == nil {
		return "", err
	}
	text, err := json.Marshal(profile)
	if err != nil {
		return "", fmt.Errorf("marshal the profile: %w", err)
	}
	return string(text), nil
}

// mailFile is where the rendered mail goes.
const mailFile = ".local/welcome.html"

// mailTo saves the one mail to the address.
func mailTo(aws *local.AWS, address string) (string, error) {
	mails := aws.Mails(address)
	if len(mails) != 1 {
		return "", fmt.Errorf("%d mails were sent, not one", len(mails))
	}
	if err := os.MkdirAll(filepath.Dir(mailFile), 0o755); err != nil {
		return "", fmt.Errorf("folder for the mail: %w", err)
	}
	m := mails[0]
	if err := os.WriteFile(mailFile, []byte(m.HTML), 0o644); err != nil {
		return "", fmt.Errorf("save the mail: %w", err)
	}
	return fmt.Sprintf("from %s to %s: %q; open %s in a browser", m.From, m.To, m.Subject, mailFile), nil
}

// detail returns the detail of an event, or all of it if it has none.
func detail(event string) string {
	var e struct{ Detail json.RawMessage }
	if json.Unmarshal([]byte(event), &e) != nil || e.Detail == nil {
		return event
	}
	return string(e.Detail)
}

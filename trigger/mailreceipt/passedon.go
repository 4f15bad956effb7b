package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/record"
)

// Source is what rules match the events by, and Version that of their details.
const (
	Source  = "onboarding"
	Version = "1"
)

// detailTypes are those of the events about what somebody should act on.
var detailTypes = map[record.Fate]string{
	record.Returned: "WelcomeMailBounced", record.Bounced: "WelcomeMailBounced", record.Complained: "WelcomeMailComplained",
}

// Detail is that of both events, which welcomemailbounced.schema.json and
// welcomemailcomplained.schema.json document for those who consume them. It has no
// personal data: who may know the address reads it from the pool.
//
// EventBridge delivers at least once, and a retry may put an event again: to count each
// mail once, count distinct values of MessageID.
type Detail struct {
	Version string `json:"version"`
	// Sub is the user's sub, or its stand-in: see Input.UserKey.
	Sub        string `json:"sub"`
	UserPoolID string `json:"userPoolId"`
	// Execution is the name of the execution that sent the mail.
	Execution string    `json:"execution"`
	MessageID string    `json:"messageId"`
	MailedAt  time.Time `json:"mailedAt"`
	At        time.Time `json:"at"`
	// BounceType and BounceSubType are those of a bounce.
	BounceType    string `json:"bounceType,omitempty"`
	BounceSubType string `json:"bounceSubType,omitempty"`
}

// EventsAPI is the part of EventBridge's API that the function needs.
type EventsAPI interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// put puts the event about a receipt on the default bus.
func put(ctx context.Context, api EventsAPI, detailType string, tags record.Tags, r record.Receipt) error {
	d := Detail{
		Version: Version, Sub: tags.User, UserPoolID: tags.UserPoolID, Execution: tags.Execution,
		MessageID: r.Message, MailedAt: r.MailedAt.UTC(), At: r.At.UTC(),
	}
	d.BounceType, d.BounceSubType, _ = strings.Cut(r.Bounce, "/")
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("marshal the detail: %w", err)
	}
	out, err := api.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String(Source), DetailType: &detailType, Detail: aws.String(string(text)),
	}}})
	if err != nil {
		return fmt.Errorf("put the event: %w", err)
	}
	for _, entry := range out.Entries {
		if entry.ErrorCode != nil {
			return &smithy.OperationError{ServiceID: "EventBridge", OperationName: "PutEvents", Err: &smithy.GenericAPIError{Code: *entry.ErrorCode}}
		}
	}
	return nil
}

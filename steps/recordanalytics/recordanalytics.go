package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/internal/awserr"
)

const operation = "EventBridge PutEvents"

// Source and DetailType are what rules match the event by, Version is that of its
// detail.
const (
	Source     = "onboarding"
	DetailType = "UserOnboarded"
	Version    = "1"
)

// UserOnboarded is the detail of the event, which useronboarded.schema.json documents
// for those who consume it: a member or a reason may be added, and any other change is
// a new Version. It has no personal data, the username included, which in some pools
// is a mail address.
//
// EventBridge delivers at least once, and a retry may put the event again: to
// count each user once, count distinct values of Sub.
type UserOnboarded struct {
	Version string `json:"version"`
	// Sub is the user's sub, or its stand-in: see Input.UserKey.
	Sub        string            `json:"sub"`
	UserPoolID string            `json:"userPoolId"`
	ClientID   string            `json:"clientId"`
	Metadata   map[string]string `json:"metadata"`

	StartedAt   time.Time `json:"startedAt"`
	OnboardedAt time.Time `json:"onboardedAt"`
	// DurationMillis is the time from StartedAt to OnboardedAt.
	DurationMillis int64 `json:"durationMillis"`

	// Results are the results of the steps before this one, each a member of the
	// detail, whole and under the name that the definition gives it.
	Results map[string]json.RawMessage `json:"-"`
}

// MarshalJSON puts the results beside the other members.
func (u UserOnboarded) MarshalJSON() ([]byte, error) {
	type others UserOnboarded // has no methods
	text, err := json.Marshal(others(u))
	if err != nil || len(u.Results) == 0 {
		return text, err //nolint:wrapcheck // encoding/json is both its maker and its reader
	}
	results, err := json.Marshal(u.Results)
	if err != nil {
		return nil, err //nolint:wrapcheck // likewise
	}
	return append(append(text[:len(text)-1], ','), results[1:]...), nil
}

// Result is the result of RecordAnalytics.
type Result struct {
	statemachine.Outcome

	// EventID is the ID that EventBridge gave the event.
	EventID string `json:"eventId"`
}

// EventPutter is the part of EventBridge's API that the step needs.
type EventPutter interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// RecordAnalytics puts one UserOnboarded event on the account's default event
// bus.
type RecordAnalytics struct {
	Events EventPutter
	Now    func() time.Time
}

// Handle puts the event. PutEvents answers 200 even if it refused the event:
// that is an error here, classified by the code of the entry.
func (s *RecordAnalytics) Handle(ctx context.Context, task statemachine.Task) (Result, error) {
	detail, err := json.Marshal(s.detail(task))
	if err != nil {
		return Result{}, awserr.Unexpected.New(operation, "event detail", "cannot be marshalled")
	}
	out, err := s.Events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source:     aws.String(Source),
		DetailType: aws.String(DetailType),
		Detail:     aws.String(string(detail)),
	}}})
	if err != nil {
		return Result{}, awserr.Classify(operation, err)
	}
	return result(out)
}

func (s *RecordAnalytics) detail(task statemachine.Task) UserOnboarded {
	now := s.Now().UTC()
	d := UserOnboarded{
		Version:        Version,
		Sub:            task.State.UserKey(),
		UserPoolID:     task.State.UserPoolID,
		ClientID:       task.State.ClientID,
		Metadata:       map[string]string{},
		StartedAt:      task.StartTime,
		OnboardedAt:    now,
		DurationMillis: now.Sub(task.StartTime).Milliseconds(),
		Results:        task.State.Results,
	}
	if task.State.Metadata != nil {
		d.Metadata = task.State.Metadata
	}
	return d
}

func result(out *eventbridge.PutEventsOutput) (Result, error) {
	if len(out.Entries) != 1 {
		return Result{}, awserr.Unexpected.New(operation, "answer without an entry", "")
	}
	entry := out.Entries[0]
	if entry.ErrorCode != nil {
		return Result{}, awserr.FromCode(operation, *entry.ErrorCode)
	}
	return Result{Outcome: statemachine.Done(), EventID: aws.ToString(entry.EventId)}, nil
}

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/start"
)

// deferBudget is how long SendMessage may take in all, retries included. Cognito
// waits 5 seconds for a trigger, and that cannot be changed; with start.Budget used
// up too, the trigger answers after 3.5.
const deferBudget = time.Second

// QueueAPI is the part of SQS's API that the trigger needs.
type QueueAPI interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Trigger starts the onboarding of a user whose sign-up was confirmed. A start that
// fails goes to the queue of deferred starts, from where the function
// StartDeferred repeats it.
//
// It never fails: when Cognito invokes it the user is confirmed already, an
// error would be shown to that user, and the trigger would not be invoked again.
type Trigger struct {
	Executions      start.API
	StateMachineARN string
	// Queue has the queue of deferred starts, whose address is QueueURL.
	Queue    QueueAPI
	QueueURL string
	// MetadataKeys are the keys of clientMetadata that reach the execution.
	MetadataKeys []string
	Log          *slog.Logger
	Metrics      metrics.Stack
}

// Invoke implements lambda.Handler: it takes Cognito's event and returns the same
// bytes, because Cognito wants its event back, fields unknown to us included.
func (t *Trigger) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	t.onboard(ctx, payload)
	return payload, nil
}

func (t *Trigger) onboard(ctx context.Context, payload []byte) {
	e, err := parseEvent(payload)
	if err != nil {
		t.Log.WarnContext(ctx, "not onboarded", "reason", err.Error())
		return
	}
	switch source := e.TriggerSource; source {
	case confirmSignUp:
		t.start(ctx, e)
	case "":
		t.Log.InfoContext(ctx, "not onboarded", "reason", "the event has no triggerSource")
	default:
		t.Log.InfoContext(ctx, "not onboarded", "reason", "not a sign-up", "triggerSource", cut(source, 64))
	}
}

func (t *Trigger) start(ctx context.Context, e event) {
	in, err := e.input(t.MetadataKeys)
	if err != nil {
		t.Log.ErrorContext(ctx, "not onboarded", "reason", err.Error())
		return
	}
	log := t.Log.With("execution", in.UserKey())
	switch started, err := t.startExecution(ctx, in); {
	case err != nil:
		t.deferStart(ctx, log.With("error", start.ErrorCode(err)), in)
	case started:
		log.LogAttrs(ctx, slog.LevelInfo, "execution started", t.Metrics.Count(metrics.Confirmations)...)
	default:
		log.LogAttrs(ctx, slog.LevelInfo, "execution exists already", t.Metrics.Count(metrics.Confirmations)...)
	}
}

func (t *Trigger) startExecution(ctx context.Context, in statemachine.Input) (started bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, start.Budget)
	defer cancel()
	return start.Execution(ctx, t.Executions, t.StateMachineARN, in)
}

// deferStart puts the input into the queue. If that fails too, the log line and the
// metric are all that is left of the start: backfill finds the user.
func (t *Trigger) deferStart(ctx context.Context, log *slog.Logger, in statemachine.Input) {
	body, err := json.Marshal(in)
	if err == nil {
		sending, cancel := context.WithTimeout(ctx, deferBudget)
		defer cancel()
		_, err = t.Queue.SendMessage(sending, &sqs.SendMessageInput{QueueUrl: &t.QueueURL, MessageBody: aws.String(string(body))})
	}
	if err != nil {
		log.With("queueError", start.ErrorCode(err)).
			LogAttrs(ctx, slog.LevelError, "start lost", t.Metrics.Count(metrics.Confirmations, metrics.StartsLost)...)
		return
	}
	log.LogAttrs(ctx, slog.LevelWarn, "start deferred", t.Metrics.Count(metrics.Confirmations, metrics.StartsDeferred)...)
}

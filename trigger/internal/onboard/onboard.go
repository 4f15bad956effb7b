// Package onboard starts the onboarding of the user whom an event of the pool is about.
// The triggers that learn of a new user share it: the one of a confirmed sign-up, and
// the one of an invited user's first token.
package onboard

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/start"
)

// deferBudget is how long SendMessage may take in all, retries included. Cognito
// waits 5 seconds for a trigger, and that cannot be changed; with start.Budget used
// up too, the trigger answers after 3.5.
const deferBudget = time.Second

// queueAttemptTimeout leaves time for another attempt within deferBudget.
const queueAttemptTimeout = 450 * time.Millisecond

// QueueAPI is the part of SQS's API that a start needs.
type QueueAPI interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Queue returns the client for the queue of deferred starts.
func Queue(cfg aws.Config) *sqs.Client {
	cfg.HTTPClient = awsconfig.HTTPClient(queueAttemptTimeout)
	return sqs.NewFromConfig(cfg)
}

// Starter starts executions. A start that fails goes to the queue of deferred starts,
// from where the function StartDeferred repeats it.
type Starter struct {
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

// Start starts the onboarding of the event's user. It takes 3.5 seconds at the most,
// and never fails: what could not be done is in the log and the metrics.
func (s *Starter) Start(ctx context.Context, e Event) {
	in, err := e.input(s.MetadataKeys)
	if err != nil {
		s.Log.ErrorContext(ctx, "not onboarded", "reason", err.Error())
		return
	}
	log := s.Log.With("execution", in.UserKey())
	switch started, err := s.startExecution(ctx, in); {
	case err != nil:
		s.deferStart(ctx, log.With("error", start.ErrorCode(err)), in)
	case started:
		log.LogAttrs(ctx, slog.LevelInfo, "execution started", s.Metrics.Count(metrics.Confirmations)...)
	default:
		log.LogAttrs(ctx, slog.LevelInfo, "execution exists already", s.Metrics.Count(metrics.Confirmations)...)
	}
}

func (s *Starter) startExecution(ctx context.Context, in statemachine.Input) (started bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, start.Budget)
	defer cancel()
	return start.Execution(ctx, s.Executions, s.StateMachineARN, in)
}

// deferStart puts the input into the queue. If that fails too, the log line and the
// metric are all that is left of the start: backfill finds the user.
func (s *Starter) deferStart(ctx context.Context, log *slog.Logger, in statemachine.Input) {
	body, err := json.Marshal(in)
	if err == nil {
		sending, cancel := context.WithTimeout(ctx, deferBudget)
		defer cancel()
		_, err = s.Queue.SendMessage(sending, &sqs.SendMessageInput{QueueUrl: &s.QueueURL, MessageBody: aws.String(string(body))})
	}
	if err != nil {
		log.With("queueError", start.ErrorCode(err)).
			LogAttrs(ctx, slog.LevelError, "start lost", s.Metrics.Count(metrics.Confirmations, metrics.StartsLost)...)
		return
	}
	log.LogAttrs(ctx, slog.LevelWarn, "start deferred", s.Metrics.Count(metrics.Confirmations, metrics.StartsDeferred)...)
}

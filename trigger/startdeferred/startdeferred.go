package main

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/start"
)

// StartDeferred starts the executions whose inputs are in the queue. A message may
// come twice, or long after the user was onboarded: the execution's name makes
// that harmless.
type StartDeferred struct {
	Executions      start.API
	StateMachineARN string
	Log             *slog.Logger
	Metrics         metrics.Stack
}

// Handle starts one execution a message. It never fails as a whole: the messages
// whose start failed are named in the response, stay in the queue, and come again
// when their visibility timeout has passed
// (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
func (s *StartDeferred) Handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, message := range event.Records {
		if !s.start(ctx, message) {
			response.BatchItemFailures = append(response.BatchItemFailures,
				events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
		}
	}
	return response, nil
}

func (s *StartDeferred) start(ctx context.Context, message events.SQSMessage) bool {
	log := s.Log.With("messageId", message.MessageId)
	var in statemachine.Input
	if err := json.Unmarshal([]byte(message.Body), &in); err != nil || in.UserPoolID == "" || in.Username == "" {
		log.ErrorContext(ctx, "deferred start failed", "error", "the message is not an execution input")
		return false
	}
	log = log.With("execution", in.UserKey())
	ctx, cancel := context.WithTimeout(ctx, start.Budget)
	defer cancel()
	started, err := start.Execution(ctx, s.Executions, s.StateMachineARN, in)
	if err != nil {
		log.ErrorContext(ctx, "deferred start failed", "error", start.ErrorCode(err))
		return false
	}
	log.With("started", started).
		LogAttrs(ctx, slog.LevelInfo, "deferred start done", s.Metrics.Count(metrics.DeferredStarts)...)
	return true
}

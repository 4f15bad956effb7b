package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/start"
)

// startBudget is how long StartExecution may take in all, retries included.
// Cognito waits 5 seconds for a trigger, and that cannot be changed.
const startBudget = 2500 * time.Millisecond

// Trigger starts the onboarding of a user whose sign-up was confirmed.
//
// It never fails: when Cognito invokes it the user is confirmed already, an
// error would be shown to that user, and the trigger would not be invoked again.
type Trigger struct {
	Executions      start.API
	StateMachineARN string
	// MetadataKeys are the keys of clientMetadata that reach the execution.
	MetadataKeys []string
	Log          *slog.Logger
	// Now is the clock of the metric.
	Now func() time.Time
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
	switch source := e.triggerSource(); source {
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
	log := t.Log.With("execution", in.ExecutionName())
	ctx, cancel := context.WithTimeout(ctx, startBudget)
	defer cancel()
	switch started, err := start.Execution(ctx, t.Executions, t.StateMachineARN, in); {
	case err != nil:
		log.ErrorContext(ctx, "execution not started", startFailed(t.Now(), err)...)
	case started:
		log.InfoContext(ctx, "execution started")
	default:
		log.InfoContext(ctx, "execution exists already")
	}
}

// startFailed returns the attributes of the log line of a failed start: the error
// code, and a count in CloudWatch's embedded metric format
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
func startFailed(now time.Time, err error) []any {
	return []any{
		"error", startErrorCode(err),
		"StartsFailed", 1,
		"_aws",
		map[string]any{
			"Timestamp": now.UnixMilli(),
			"CloudWatchMetrics": []any{map[string]any{
				"Namespace":  "Onboarding",
				"Dimensions": [][]string{{}},
				"Metrics":    []any{map[string]string{"Name": "StartsFailed", "Unit": "Count"}},
			}},
		},
	}
}

// startErrorCode returns the error's code, not its text, which could quote the input.
func startErrorCode(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	return "connection failed"
}

// Package step is what the functions of all steps have in common: the AWS
// configuration, and what happens around a handler, log and metrics included.
package step

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/logs"
	"example.com/onboarding/statemachine/metrics"
)

// The limits of the AWS calls of a step. Two attempts at two calls fit into the
// 15 seconds that the template gives a step, and the state machine owns all
// longer waiting.
const (
	callTimeout = 3 * time.Second
	maxAttempts = 2
	maxBackoff  = 500 * time.Millisecond
)

// Config returns the AWS configuration of a step: one quick retry, and no
// attempt longer than three seconds.
func Config(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(callTimeout)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = maxAttempts
				o.MaxBackoff = maxBackoff
			})
		}))
	if err != nil {
		return aws.Config{}, fmt.Errorf("load AWS configuration: %w", err)
	}
	return cfg, nil
}

// Function is the function of a state.
type Function struct {
	// State is the state's name.
	State   string
	Log     *slog.Logger
	Metrics metrics.Stack
}

// New returns the function of a state in a stack.
func New(state, stack string) Function {
	return Function{State: state, Log: logs.New(state), Metrics: metrics.Stack{Name: stack, Now: time.Now}}
}

// Result is what a step returns.
type Result interface{ End() statemachine.Outcome }

// Handle is what a step does with a task.
type Handle[R Result] = func(context.Context, statemachine.Task) (R, error)

// Start serves handle as the Lambda function; it does not return.
func Start[R Result](f Function, handle Handle[R]) { lambda.Start(Handler(f, handle)) }

// Handler returns handle with what surrounds it in every step: a task that lacks
// an identifier is an UnexpectedError, and each attempt writes one log line with
// the execution's name and the result or the error, which is in the metrics too.
// With the log level DEBUG another one says that it began.
func Handler[R Result](f Function, handle Handle[R]) Handle[R] {
	return func(ctx context.Context, task statemachine.Task) (R, error) {
		log := f.Log.With("execution", task.ExecutionName, "retryCount", task.RetryCount)
		log.DebugContext(ctx, "step began")
		result, err := checked(ctx, task, handle)
		if err != nil {
			log.With("errorType", typeName(err), "error", err.Error()).
				LogAttrs(ctx, slog.LevelError, "step failed", f.Metrics.StepFailed(f.State, typeName(err))...)
			return result, err
		}
		log.With("result", result).
			LogAttrs(ctx, slog.LevelInfo, "step ended", f.Metrics.StepEnded(f.State, result.End(), task.StartTime)...)
		return result, nil
	}
}

func checked[R Result](ctx context.Context, task statemachine.Task, handle Handle[R]) (R, error) {
	if err := task.Validate(); err != nil {
		var none R
		return none, &statemachine.UnexpectedError{Cause: statemachine.Cause{
			Operation: "task input", Code: "incomplete", Detail: err.Error(),
		}}
	}
	return handle(ctx, task)
}

// typeName is the errorType that aws-lambda-go reports for err.
func typeName(err error) string {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// Package step is what the functions of all steps have in common: the AWS
// configuration, and what happens around a handler, log and metrics included.
package step

import (
	"context"
	"log/slog"
	"reflect"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/logs"
	"example.com/onboarding/statemachine/metrics"
)

// limits are those of the AWS calls of a step. Two attempts at two calls fit into
// the 15 seconds that the template gives a step, and the state machine owns all
// longer waiting.
var limits = awsconfig.Limits{
	AttemptTimeout: 3 * time.Second,
	MaxAttempts:    2,
	MaxBackoff:     500 * time.Millisecond,
	LeaveThrottles: true,
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

// Config returns the AWS configuration of the step from its environment, with a
// connection to each of the services open: see [awsconfig.Connect].
func (f Function) Config(getenv func(string) string, services ...awsconfig.Service) aws.Config {
	cfg := awsconfig.New(getenv, limits)
	awsconfig.Connect(cfg, f.Log, services...)
	return cfg
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
			err = lasting(err, task.RetryCount)
			log.With("errorType", typeName(err), "error", err.Error()).
				LogAttrs(ctx, slog.LevelError, "step failed", f.Metrics.StepFailed(f.State, typeName(err))...)
			return result, err
		}
		log.With("result", result).
			LogAttrs(ctx, slog.LevelInfo, "step ended", f.Metrics.StepEnded(f.State, result.End(), task.StartTime)...)
		return result, nil
	}
}

// lasting makes a throttle that outlasts statemachine.ThrottledRetries a used-up
// quota.
func lasting(err error, retries int) error {
	if throttled, ok := err.(*statemachine.ThrottledError); ok && retries >= statemachine.ThrottledRetries { //nolint:errorlint // steps return it outermost
		return &statemachine.QuotaExceededError{Cause: throttled.Cause}
	}
	return err
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

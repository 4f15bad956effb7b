// Package step is what the functions of all steps have in common: the AWS
// configuration, and what happens around a handler, log and metrics included.
package step

import (
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/awsconfig"
	"example.com/onboarding/statemachine/logs"
	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/steps/internal/awserr"
)

// limits are those of the AWS calls of a step. Two attempts at four calls fit into
// the 30 seconds that the template gives a step, and the state machine owns all
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
	Records Records
}

// Records are the records of what users have been given: see [record.Table].
type Records interface {
	Get(ctx context.Context, user string) (record.Record, error)
	StepEnded(ctx context.Context, user, state string, s record.Step, last bool) error
}

// New returns the function of a state in a stack.
func New(state, stack string) Function {
	return Function{State: state, Log: logs.New(state), Metrics: metrics.Stack{Name: stack, Now: time.Now}}
}

// Config returns the AWS configuration of the step from its environment, with a
// connection open to DynamoDB, where the records are, and to each of the services: see
// [awsconfig.Connect].
func (f Function) Config(getenv func(string) string, services ...awsconfig.Service) aws.Config {
	cfg := awsconfig.New(getenv, limits)
	awsconfig.Connect(cfg, f.Log, append(services, awsconfig.DynamoDB)...)
	return cfg
}

// RecordsIn returns the records in the table of that name.
func RecordsIn(table string, cfg aws.Config) Records {
	return record.Table{API: dynamodb.NewFromConfig(cfg), Name: table}
}

// Result is what a step returns.
type Result interface{ End() statemachine.Outcome }

// Handle is what a step does with a task.
type Handle[R Result] = func(context.Context, statemachine.Task) (R, error)

// Start serves handle as the Lambda function; it does not return.
func Start[R Result](f Function, handle Handle[R]) { lambda.Start(Handler(f, handle)) }

// Handler returns handle with what surrounds it in every step: a task that lacks
// an identifier is an UnexpectedError; what the user's record says was done is not done
// again; how the step ended goes into the record. Each attempt writes one log line with
// the execution's name and the result or the error, which is in the metrics too. With
// the log level DEBUG another one says that it began.
func Handler[R Result](f Function, handle Handle[R]) Handle[R] {
	last := statemachine.Ends(f.State)
	return func(ctx context.Context, task statemachine.Task) (R, error) {
		log := f.Log.With("execution", task.ExecutionName, "retryCount", task.RetryCount)
		log.DebugContext(ctx, "step began")
		result, before, err := once(ctx, f, task, last, handle)
		switch {
		case err != nil:
			err = lasting(err, task.RetryCount)
			log.With("errorType", typeName(err), "error", err.Error()).
				LogAttrs(ctx, slog.LevelError, "step failed", f.Metrics.StepFailed(f.State, typeName(err))...)
		case before:
			log.InfoContext(ctx, "step was done before", "result", result)
		default:
			log.With("result", result).
				LogAttrs(ctx, slog.LevelInfo, "step ended", f.Metrics.StepEnded(f.State, result.End(), task.StartTime)...)
		}
		return result, err
	}
}

// once does what is to be done with the task, unless the record says that it was done
// before, whichever execution did it.
func once[R Result](ctx context.Context, f Function, task statemachine.Task, last bool, handle Handle[R]) (result R, before bool, err error) {
	if err := task.Validate(); err != nil {
		return result, false, &statemachine.UnexpectedError{Cause: statemachine.Cause{
			Operation: "task input", Code: "incomplete", Detail: err.Error(),
		}}
	}
	user := task.State.UserKey()
	known, err := f.Records.Get(ctx, user)
	if err != nil {
		return result, false, awserr.Classify(getRecord, err)
	}
	if earlier := known.Steps[f.State]; earlier.Status == statemachine.StatusDone && json.Unmarshal(earlier.Result, &result) == nil {
		return result, true, nil
	}
	if result, err = handle(ctx, task); err != nil {
		return result, false, err
	}
	return result, false, f.keep(ctx, task, result, last)
}

const (
	getRecord    = "DynamoDB GetItem"
	updateRecord = "DynamoDB UpdateItem"
)

// keep notes in the user's record how the step ended. If that fails the step has to be
// done again, which does no harm.
func (f Function) keep(ctx context.Context, task statemachine.Task, result Result, last bool) error {
	whole, err := json.Marshal(result)
	if err != nil {
		return awserr.Unexpected.New("result", "cannot be marshalled", "")
	}
	o := result.End()
	return awserr.Classify(updateRecord, f.Records.StepEnded(ctx, task.State.UserKey(), f.State, record.Step{
		Status: o.Status, Reason: o.Reason, Until: o.Until, Result: whole,
		Execution: task.ExecutionName, At: f.Metrics.Now(),
	}, last))
}

// lasting makes a throttle that outlasts statemachine.ThrottledRetries a used-up
// quota.
func lasting(err error, retries int) error {
	if throttled, ok := err.(*statemachine.ThrottledError); ok && retries >= statemachine.ThrottledRetries { //nolint:errorlint // steps return it outermost
		return &statemachine.QuotaExceededError{Cause: throttled.Cause}
	}
	return err
}

// typeName is the errorType that aws-lambda-go reports for err.
func typeName(err error) string {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

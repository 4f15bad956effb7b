// Package step is what the functions of all steps have in common: the AWS
// configuration, and what happens around a handler.
package step

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"example.com/onboarding/statemachine"
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

// Start serves handle as a Lambda function; it does not return.
func Start[R any](handle func(context.Context, statemachine.Task) (R, error)) {
	lambda.Start(Handler(lambdacontext.NewLogger(), handle))
}

// Handler returns handle with what surrounds it in every step: a task that lacks
// an identifier is an UnexpectedError, and each attempt writes one log line with
// the execution's name and the result or the error.
func Handler[R any](
	log *slog.Logger, handle func(context.Context, statemachine.Task) (R, error),
) func(context.Context, statemachine.Task) (R, error) {
	return func(ctx context.Context, task statemachine.Task) (R, error) {
		log := log.With("execution", task.ExecutionName, "retryCount", task.RetryCount)
		result, err := checked(ctx, task, handle)
		if err != nil {
			log.ErrorContext(ctx, "step failed", "errorType", typeName(err), "error", err.Error())
			return result, err
		}
		log.InfoContext(ctx, "step ended", "result", result)
		return result, nil
	}
}

func checked[R any](
	ctx context.Context, task statemachine.Task, handle func(context.Context, statemachine.Task) (R, error),
) (R, error) {
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

// Package start starts the execution that onboards a user. Everything that
// onboards a user goes through it, so that whoever comes second finds the
// execution of the first.
package start

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/awsconfig"
)

// Budget is how long one start may take in all, retries included: half the time
// that Cognito waits for the trigger, and few enough seconds for StartDeferred to
// make ten one after the other.
const Budget = 2500 * time.Millisecond

// Limits are those of one start within Budget: an attempt that hangs leaves time for
// another. The SDK's default waits up to 20 seconds between attempts, longer than
// Cognito does.
var Limits = awsconfig.Limits{
	AttemptTimeout: 1100 * time.Millisecond,
	MaxAttempts:    3,
	MaxBackoff:     200 * time.Millisecond,
}

// API is the part of Step Functions' API that a start needs.
type API interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
}

// Execution starts the first execution of the user that the input names, and reports
// whether it did. It did not, and that is no error, when there is an execution of
// that name already: Step Functions holds a name for 90 days after the execution
// has ended, and answers ExecutionAlreadyExists. (While one with the same input
// runs it answers as if it had started it; that counts as started.)
func Execution(ctx context.Context, api API, stateMachineARN string, in statemachine.Input) (started bool, err error) {
	return Again(ctx, api, stateMachineARN, in, "")
}

// Again is Execution for a user whose onboarding is started again for a cause: see
// Input.ExecutionName.
func Again(ctx context.Context, api API, stateMachineARN string, in statemachine.Input, cause string) (started bool, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return false, fmt.Errorf("marshal execution input: %w", err)
	}
	_, err = api.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(stateMachineARN),
		Name:            aws.String(in.ExecutionName(cause)),
		Input:           aws.String(string(body)),
	})
	if _, exists := errors.AsType[*types.ExecutionAlreadyExists](err); exists {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("start execution: %w", err)
	}
	return true, nil
}

// ErrorCode names why a call failed, for logs: the error code of the API, or what
// takes its place. It never has the error's text, which may quote the input.
func ErrorCode(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	if _, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return "connection failed"
	}
	return "unknown failure"
}

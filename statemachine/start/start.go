// Package start starts the execution that onboards a user. Everything that
// onboards a user goes through it, so that whoever comes second finds the
// execution of the first.
package start

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.com/onboarding/statemachine"
)

// API is the part of Step Functions' API that a start needs.
type API interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
}

// Execution starts the execution of the user that the input names, and reports
// whether it did. It did not, and that is no error, when there is an execution of
// that name already: Step Functions holds a name for 90 days after the execution
// has ended, and answers ExecutionAlreadyExists. (While one with the same input
// runs it answers as if it had started it; that counts as started.)
func Execution(ctx context.Context, api API, stateMachineARN string, in statemachine.Input) (started bool, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return false, fmt.Errorf("marshal execution input: %w", err)
	}
	_, err = api.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(stateMachineARN),
		Name:            aws.String(in.ExecutionName()),
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

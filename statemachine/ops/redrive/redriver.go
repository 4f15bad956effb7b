package redrive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/ops/internal/execution"
	"example.com/onboarding/statemachine/ops/internal/pace"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// result is what became of one execution; empty if nothing was done.
type result string

const (
	resultRedriven      result = "redriven"
	resultWentOn        result = "went on already" // somebody else redrove it
	resultNotRedrivable result = "not redrivable"
	resultFailed        result = "failed"
	resultUnread        result = "not read"
)

// redriver redrives executions.
type redriver struct {
	api      redriveAPI
	describe execution.DescribeAPI
	pace     *pace.Pace
	streak   *pace.Streak
}

// redrive redrives the execution and notes the result there. That it went on
// meanwhile, by the hand of another operator, is no failure.
func (r redriver) redrive(ctx context.Context, x *stopped) {
	switch {
	case !x.Stopped():
		x.Result = resultWentOn
		return
	case x.NotRedrivable != "":
		x.Result = resultNotRedrivable
		return
	}
	err := r.pace.Do(ctx, func() error {
		_, err := r.api.RedriveExecution(ctx, &sfn.RedriveExecutionInput{
			ExecutionArn: &x.ARN, ClientToken: aws.String(clientToken(x)),
		})
		return err
	})
	refused, isRefused := errors.AsType[*types.ExecutionNotRedrivable](err)
	switch {
	case err == nil:
		x.Result = resultRedriven
	case session.IsEnd(ctx, err):
		return
	case isRefused:
		x.Result, x.Detail = r.whyRefused(ctx, x), refused.ErrorMessage()
		err = nil
	default:
		x.Result, x.Detail = resultFailed, err.Error()
	}
	r.streak.Note(err)
}

func (r redriver) whyRefused(ctx context.Context, x *stopped) result {
	out, err := r.describe.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &x.ARN})
	if err == nil && (out.Status == types.ExecutionStatusRunning || out.Status == types.ExecutionStatusSucceeded) {
		return resultWentOn
	}
	return resultNotRedrivable
}

// clientToken returns the token that makes a redrive idempotent: the same for the
// same stop of the same execution. When the answer to a redrive was lost and the
// command runs again within 15 minutes, Step Functions answers for the first call
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html);
// an execution that stops once more gets another token.
func clientToken(x *stopped) string {
	sum := sha256.Sum256([]byte(x.ARN + " " + strconv.Itoa(int(x.RedriveCount)) + " " + x.StopDate.UTC().Format(time.RFC3339Nano)))
	return hex.EncodeToString(sum[:]) // 64 characters, the most that a token may have
}

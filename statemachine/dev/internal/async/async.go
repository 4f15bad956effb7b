// Package async does what Lambda does with an event whose sender does not wait for the
// function, as EventBridge does not: it keeps the event, hands it to the function, and
// tries again if that fails
// (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
package async

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// pauses are those before the retries of an event that the function failed on.
var pauses = []time.Duration{time.Minute, 2 * time.Minute}

// maxAge is how long an event is kept that the function cannot be given, because it is
// throttled or Lambda fails.
const maxAge = 6 * time.Hour

// Invoker hands events to functions.
type Invoker struct {
	// Functions is the API that the function is invoked with, once an attempt.
	Functions *lambda.Client
	// RetryAfter is the pause before a retry; 0 for Lambda's own.
	RetryAfter time.Duration
	// GaveUp is told of each event that no further attempt is made for, with the last
	// attempt's error.
	GaveUp func(function string, event []byte, err error)

	ctx     context.Context //nolint:containedctx // it ends with Close
	cancel  context.CancelFunc
	mu      sync.Mutex // of a start and the end
	running sync.WaitGroup
}

// NewInvoker returns an invoker of functions. Close ends it.
func NewInvoker(functions *lambda.Client) *Invoker {
	ctx, cancel := context.WithCancel(context.Background())
	return &Invoker{Functions: functions, GaveUp: func(string, []byte, error) {}, ctx: ctx, cancel: cancel}
}

// Accept takes an event for a function, named by name or ARN, and does not wait for it.
// After Close it takes none.
func (i *Invoker) Accept(function string, event []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.ctx.Err() == nil {
		i.running.Go(func() { i.deliver(function, event) })
	}
}

// Close waits for the attempts that run. What would be tried again is lost.
func (i *Invoker) Close() {
	i.mu.Lock()
	i.cancel()
	i.mu.Unlock()
	i.running.Wait()
}

// errFunction says that the function was given the event, and failed.
var errFunction = errors.New("the function failed")

// deliver hands the function the event until it succeeds, or Lambda gives up.
func (i *Invoker) deliver(function string, event []byte) {
	failures, began := 0, time.Now()
	for {
		err := i.attempt(function, event)
		if err == nil {
			return
		}
		if errors.Is(err, errFunction) {
			failures++
		}
		if failures > len(pauses) || time.Since(began) > maxAge {
			i.GaveUp(function, event, err)
			return
		}
		pause := i.RetryAfter
		if pause == 0 {
			pause = pauses[max(failures-1, 0)]
		}
		select {
		case <-time.After(pause):
		case <-i.ctx.Done():
			return
		}
	}
}

func (i *Invoker) attempt(function string, event []byte) error {
	out, err := i.Functions.Invoke(context.WithoutCancel(i.ctx), &lambda.InvokeInput{FunctionName: &function, Payload: event})
	if err != nil {
		return fmt.Errorf("invoke %s: %w", function, err)
	}
	if out.FunctionError != nil {
		return fmt.Errorf("%w: %s", errFunction, aws.ToString(out.FunctionError))
	}
	return nil
}

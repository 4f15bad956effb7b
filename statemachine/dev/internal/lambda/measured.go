package lambda

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Environment is one execution environment by itself, for who measures a function:
// the caller starts its process, and may do something with the process between init
// and the first event.
type Environment struct{ env *environment }

// Start starts the process of a function. log is given each line that it prints.
func Start(f Function, log func(function, line string)) (*Environment, error) {
	env, err := startEnvironment(f, log)
	if err != nil {
		return nil, err
	}
	return &Environment{env}, nil
}

// Init waits until the process asks for its first event, and returns how long that
// took from its start.
func (e *Environment) Init(ctx context.Context) (time.Duration, error) {
	timeout := time.NewTimer(initTimeout)
	defer timeout.Stop()
	select {
	case <-e.env.asked:
		return e.env.initialized.Sub(e.env.started), nil
	case <-e.env.exited:
		return 0, fmt.Errorf("%s ended during init: %v", e.env.function.Name, e.env.cmd.ProcessState)
	case <-timeout.C:
		return 0, fmt.Errorf("init of %s took more than %v", e.env.function.Name, initTimeout)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// PID is the process ID.
func (e *Environment) PID() int { return e.env.cmd.Process.Pid }

// Invoke hands the process an event and waits for its answer. A function that failed
// is an error here.
func (e *Environment) Invoke(ctx context.Context, payload []byte) (Result, error) {
	result, err := e.env.invoke(ctx, payload)
	if err != nil {
		return Result{}, fmt.Errorf("invoke %s: %w", e.env.function.Name, err)
	}
	if result.Failed {
		return Result{}, errors.New(e.env.function.Name + " failed: " + string(result.Payload))
	}
	return result, nil
}

// Close ends the process and waits until it is gone.
func (e *Environment) Close() { e.env.stop() }

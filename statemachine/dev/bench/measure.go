package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/montanaflynn/stats"

	"example.com/onboarding/statemachine/dev/internal/lambda"
)

// sample is what one process of a function showed. Times are in milliseconds.
type sample struct {
	// Init is from the start of the process until it asks for its first event, and
	// First how long it had that.
	Init, First float64
	// P50 is of the invocations after the first, and CPU is the CPU time that one of
	// these takes.
	P50, CPU float64
	// Memory is the resident memory at most, in MB of 2^20 bytes.
	Memory float64
}

// conditions are those of a measurement.
type conditions struct {
	endpoint *endpoint
	// environment is added to that of each function.
	environment map[string]string
	// memoryMB is the memory by whose CPU share the invocations are limited, and
	// init is not; 0 for no limit.
	memoryMB int
	// invocations is how many follow the first one, and pause what lies between two.
	invocations int
	pause       time.Duration
}

// measure runs one process of the function. A step may need more of the world than
// there is here, such as a secret: then only its init is measured, and that is said.
func (c conditions) measure(ctx context.Context, s subject) (result sample, err error) {
	var printed atomic.Pointer[string]
	printed.Store(new(string))
	process, err := lambda.Start(c.function(s), func(_, line string) { printed.Store(&line) })
	if err != nil {
		return sample{}, err
	}
	defer process.Close()
	initialized, err := process.Init(ctx)
	if err != nil {
		return sample{}, fmt.Errorf("%w; it printed %q last", err, *printed.Load())
	}
	if c.memoryMB > 0 {
		group, err := newShare(c.memoryMB)
		if err != nil {
			return sample{}, err
		}
		defer func() {
			process.Close() // a group with a process in it cannot be removed
			err = errors.Join(err, group.Remove())
		}()
		if err := group.add(process.PID()); err != nil {
			return sample{}, err
		}
	}
	result, err = c.invoke(ctx, process, s)
	if err != nil {
		err = fmt.Errorf("%w; it printed %q last", err, *printed.Load())
		if !s.isStep || ctx.Err() != nil {
			return sample{}, err
		}
		note("of %s only init is measured: %v", s.name, err)
		none := math.NaN()
		result = sample{First: none, P50: none, CPU: none, Memory: none}
	}
	result.Init = millis(initialized)
	return result, nil
}

// function returns the function with Lambda's variables, and the endpoint for AWS. No
// other call leaves this machine.
func (c conditions) function(s subject) lambda.Function {
	f := lambda.Function{
		Name: s.name, ARN: "arn:aws:lambda:us-east-1:123456789012:function:" + s.name, Binary: s.command[0], Args: s.command[1:],
		Timeout: 30 * time.Second, MemoryMB: smallest,
		Environment: map[string]string{
			"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": c.endpoint.URL,
			"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
			"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO",
			"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "localhost,127.0.0.1",
		},
	}
	maps.Copy(f.Environment, c.environment)
	maps.Copy(f.Environment, s.environment)
	return f
}

// invoke measures the first invocation and the others, and sees that the function does
// its work each time: a measurement of one that fails quickly would be worthless.
func (c conditions) invoke(ctx context.Context, process *lambda.Environment, s subject) (sample, error) {
	c.endpoint.taken() // what another may have left
	first, err := process.Invoke(ctx, s.payload)
	if err != nil {
		return sample{}, err
	}
	result, err := c.warm(ctx, process, s)
	if err != nil {
		return sample{}, err
	}
	result.First = millis(first.Duration)
	want := slices.Sorted(slices.Values(slices.Repeat(s.calls, 1+c.invocations)))
	if got := slices.Sorted(slices.Values(c.endpoint.taken())); s.calls != nil && !slices.Equal(got, want) {
		return sample{}, fmt.Errorf("%s called %v in %d invocations, not %v in each", s.name, slices.Compact(got), 1+c.invocations, s.calls)
	}
	return result, nil
}

func (c conditions) warm(ctx context.Context, process *lambda.Environment, s subject) (sample, error) {
	var times stats.Float64Data
	time.Sleep(c.pause)
	before, err := cpuTime(process.PID())
	if err != nil {
		return sample{}, err
	}
	for range c.invocations {
		result, err := process.Invoke(ctx, s.payload)
		if err != nil {
			return sample{}, err
		}
		times = append(times, millis(result.Duration))
		time.Sleep(c.pause)
	}
	after, err := cpuTime(process.PID())
	if err != nil {
		return sample{}, err
	}
	memory, err := peakMemory(process.PID())
	if err != nil {
		return sample{}, err
	}
	p50, err := times.Median()
	if err != nil {
		return sample{}, fmt.Errorf("median: %w", err)
	}
	return sample{P50: p50, CPU: millis(after-before) / float64(c.invocations), Memory: float64(memory) / (1 << 20)}, nil
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

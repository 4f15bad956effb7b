package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"time"

	"example.com/onboarding/statemachine/dev/internal/lambda"
)

// sample is what one process of a function showed. Times are in milliseconds.
type sample struct {
	// Init is from the start of the process until it asks for its first event, and
	// First how long it had that.
	Init, First float64
	// P50, P99 and Mean are of the invocations after the first, and CPU is the CPU
	// time that one of these takes.
	P50, P99, Mean, CPU float64
	// Billed is what Lambda bills for an invocation after the first, on average:
	// each is rounded up to a millisecond.
	Billed float64
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

// measure runs one process of the function.
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
	first, err := process.Invoke(ctx, s.payload)
	if err != nil {
		return sample{}, err
	}
	if result, err = c.warm(ctx, process, s); err != nil {
		return sample{}, err
	}
	result.Init, result.First = millis(initialized), millis(first.Duration)
	return result, c.checkCalls(s, *printed.Load())
}

// function returns the function with Lambda's variables, and the endpoint for AWS.
func (c conditions) function(s subject) lambda.Function {
	f := lambda.Function{
		Name: s.name, ARN: "arn:aws:lambda:us-east-1:123456789012:function:" + s.name, Binary: s.command[0], Args: s.command[1:],
		Timeout: 30 * time.Second, MemoryMB: max(c.memoryMB, 128),
		Environment: map[string]string{
			"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": c.endpoint.url,
			"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
			"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO",
		},
	}
	maps.Copy(f.Environment, c.environment)
	maps.Copy(f.Environment, s.environment)
	return f
}

func (c conditions) warm(ctx context.Context, process *lambda.Environment, s subject) (sample, error) {
	var times []float64
	var sum, billed time.Duration
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
		sum += result.Duration
		billed += roundUp(result.Duration)
		time.Sleep(c.pause)
	}
	after, err := cpuTime(process.PID())
	if err != nil {
		return sample{}, err
	}
	memory, err := peakMemory(process.PID())
	n := float64(c.invocations)
	return sample{
		P50: median(times), P99: quantile(times, 0.99), Mean: millis(sum) / n, Billed: millis(billed) / n,
		CPU: millis(after-before) / n, Memory: float64(memory) / (1 << 20),
	}, err
}

// checkCalls sees that the function did its work each time: a measurement of one that
// fails quickly would be worthless.
func (c conditions) checkCalls(s subject, last string) error {
	want := make(map[string]int)
	for _, operation := range s.calls {
		want[operation] += 1 + c.invocations
	}
	if got := c.endpoint.taken(); !maps.Equal(got, want) {
		return fmt.Errorf("%s called %v, not %v; it printed %q last", s.name, got, want, last)
	}
	return nil
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// roundUp returns the duration that Lambda bills
// (https://aws.amazon.com/lambda/pricing/).
func roundUp(d time.Duration) time.Duration {
	return (d + time.Millisecond - 1).Truncate(time.Millisecond)
}

package main

import (
	"errors"
	"runtime"
	"slices"
	"sync"
)

// job is one simulation.
type job struct {
	scenario scenario
	mode     mode
	steps    []step
}

// runAll simulates the jobs, as many at once as there are processors, and returns
// their results in the order of the jobs.
func runAll(jobs []job, seed uint64) ([]result, error) {
	results, failures := make([]result, len(jobs)), make([]error, len(jobs))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Go(func() {
			for i := range next {
				results[i], failures[i] = simulate(jobs[i].scenario, jobs[i].mode, jobs[i].steps, seed)
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	workers.Wait()
	return results, errors.Join(failures...)
}

// everyMode returns the scenarios, each in every mode.
func everyMode(scenarios []scenario, steps []step) []job {
	var jobs []job
	for _, s := range scenarios {
		for _, m := range modes {
			jobs = append(jobs, job{s, m, steps})
		}
	}
	return jobs
}

// waits are other values for the retrier of throttled calls.
type waits struct {
	interval float64 // seconds
	rate     float64 // growth
	longest  float64 // seconds
}

// otherWaits are the values that the document compares with the definition's.
var otherWaits = []waits{
	{2, 2, 900}, {2, 2, 180}, {2, 2, 60}, {2, 10, 60}, {2, 10, 300}, {2, 10, 900}, {60, 2, 180}, {240, 1, 240},
}

// otherRetries returns the scenarios with the definition's retries and with each of
// the other ones, which may be as many as it takes.
func otherRetries(scenarios []scenario, steps []step) []job {
	var jobs []job
	for _, s := range scenarios {
		jobs = append(jobs, job{s, retries, steps})
		for _, o := range otherWaits {
			jobs = append(jobs, job{s, retries, o.in(steps)})
		}
	}
	return jobs
}

// in returns the steps with these waits for what is throttled.
func (o waits) in(steps []step) []step {
	changed := make([]step, len(steps))
	for i, s := range steps {
		changed[i] = step{s.name, slices.Clone(s.retriers)}
		if k := s.retrierOf(throttledError); k >= 0 {
			r := &changed[i].retriers[k]
			r.IntervalSeconds, r.BackoffRate, r.MaxDelaySeconds, r.MaxAttempts = &o.interval, &o.rate, &o.longest, new(float64(1<<15))
		}
	}
	return changed
}

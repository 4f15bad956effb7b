package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// options are what the command line chooses.
type options struct {
	rounds, invocations int
	// rootReads is how often Go reads the system's roots.
	rootReads int
	// only names the functions to measure; none for all.
	only   []string
	update bool
}

// limitedInvocations is how many invocations a process has at a CPU share, where each
// takes a period.
func (o options) limitedInvocations() int { return o.invocations / 30 }

// results is what was measured, by function.
type results struct {
	options options
	all     []subject
	plain   map[string][]sample
	// tls is empty when the CPU cannot be limited.
	tls map[string][]sample
}

// run measures everything. Without root it measures the plain path only, and returns
// an errNoShare beside the results.
func run(ctx context.Context, root string, o options) (results, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return results{}, fmt.Errorf("folder for the binaries: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is in the folder for temporary files
	b, err := newBuilder(root, dir)
	if err != nil {
		return results{}, err
	}
	all, err := subjects(root)
	if err != nil {
		return results{}, err
	}
	r := results{options: o, all: chosen(all, o.only)}
	note("building")
	for i := range r.all {
		if err := r.all[i].build(ctx, b); err != nil {
			return results{}, err
		}
	}
	return r, r.measure(ctx, dir)
}

func (r *results) measure(ctx context.Context, dir string) error {
	plain, secure := listen(false), listen(true)
	defer plain.Close()
	defer secure.Close()
	trusting, err := secure.trust(dir, r.options.rootReads)
	if err != nil {
		return err
	}
	note("plain: http, no CPU limit")
	if r.plain, err = rounds(ctx, conditions{endpoint: plain, invocations: r.options.invocations}, r.all, r.options.rounds); err != nil {
		return err
	}
	note("TLS: invocations at the CPU share of %d MB", smallest)
	// Between two invocations at a CPU share lies more than a period, in which the
	// process is given its share anew: on Lambda, too, sign-ups are further apart.
	r.tls, err = rounds(ctx, conditions{
		endpoint: secure, environment: trusting, memoryMB: smallest, invocations: r.options.limitedInvocations(), pause: period * 5 / 4,
	}, r.all, r.options.rounds)
	return err
}

// rounds measures each function once a round, so that what else happens on the machine
// strikes all of them alike. Each round begins with another function.
func rounds(ctx context.Context, c conditions, all []subject, n int) (map[string][]sample, error) {
	samples := make(map[string][]sample)
	for round := range n {
		for i := range all {
			s := all[(round+i)%len(all)]
			one, err := c.measure(ctx, s)
			if err != nil {
				return nil, errors.Join(ctx.Err(), err)
			}
			samples[s.name] = append(samples[s.name], one)
		}
	}
	return samples, nil
}

// note tells how far it is.
func note(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

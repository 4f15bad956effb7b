// Package pace makes calls of AWS at a rate that leaves room for sign-ups, and gives
// up when none of them passes.
package pace

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"golang.org/x/time/rate"
)

// Calls a second. Each is at most half of the quota of the smallest Regions, so
// that what else calls these APIs, sign-ups first, finds room; the bursts are half
// of the quotas' buckets
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html,
// https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html).
const (
	ListExecutionsRate     = 1
	ListExecutionsBurst    = 50
	ListUsersRate          = 10
	ListUsersBurst         = 10
	DescribeExecutionBurst = 100
	ExecutionHistoryBurst  = 100
)

// Workers is how many calls of one kind are under way at the same time.
const Workers = 8

// How long a pace waits when the API throttles.
const (
	minPause = time.Second
	maxPause = 30 * time.Second
)

// Pace makes calls at a limited rate. Throttling lowers the rate, and is waited
// out however long it takes: a call is never given up for it. The rate rises again
// with the calls that pass.
type Pace struct {
	limiter  *rate.Limiter
	full     rate.Limit
	throttle retry.IsErrorThrottle
	sleep    func(context.Context, time.Duration) error

	mu    sync.Mutex
	pause time.Duration // the next one
}

// New returns a pace of so many calls a second.
func New(perSecond float64, burst int) *Pace {
	return &Pace{
		limiter: rate.NewLimiter(rate.Limit(perSecond), max(1, burst)), full: rate.Limit(perSecond),
		throttle: retry.IsErrorThrottles(retry.DefaultThrottles), sleep: Sleep, pause: minPause,
	}
}

// Do makes the call, again and again as long as the API throttles it.
func (p *Pace) Do(ctx context.Context, call func() error) error {
	for {
		if err := p.limiter.Wait(ctx); err != nil {
			return errors.Join(ctx.Err(), err)
		}
		err := call()
		if p.throttle.IsErrorThrottle(err) != aws.TrueTernary {
			p.faster()
			return err
		}
		if err := p.sleep(ctx, p.slower()); err != nil {
			return err
		}
	}
}

// Next makes a call, such as one for the next page of a list.
func Next[Page, Options any](ctx context.Context, p *Pace, what string, call func(context.Context, ...func(*Options)) (Page, error)) (Page, error) {
	var page Page
	err := p.Do(ctx, func() (err error) {
		page, err = call(ctx)
		return err
	})
	if err != nil {
		return page, fmt.Errorf("%s: %w", what, err)
	}
	return page, nil
}

// slower halves the rate, and returns how long to wait before the next call.
func (p *Pace) slower() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limiter.SetLimit(max(p.limiter.Limit()/2, p.full/64))
	pause := p.pause
	p.pause = min(2*p.pause, maxPause)
	return pause/2 + rand.N(pause/2) //nolint:gosec // jitter is no secret
}

// faster brings the rate back up.
func (p *Pace) faster() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause = minPause
	if p.limiter.Limit() < p.full {
		p.limiter.SetLimit(min(p.limiter.Limit()*1.1, p.full))
	}
}

// Sleep waits for the time, or until ctx ends, which is the error then.
func Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Each calls work for the items of a channel, by several workers, until the channel
// is closed.
func Each[T any](items <-chan T, work func(T)) {
	var group sync.WaitGroup
	for range Workers {
		group.Go(func() {
			for item := range items {
				work(item)
			}
		})
	}
	group.Wait()
}

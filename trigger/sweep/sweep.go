package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/smithy-go"
	"golang.org/x/time/rate"

	"example.com/onboarding/statemachine/metrics"
	"example.com/onboarding/statemachine/start"
	"example.com/onboarding/statemachine/sweep"
)

// budget is how long an invocation goes on to the next page. The template's Timeout
// leaves the last page the rest.
const budget = 5 * time.Minute

// maxFromFront is how often a sweep begins anew, because Cognito refused its token.
const maxFromFront = 3

// Place is how far a sweep is: identifiers and counts only, as execution history keeps
// it. The zero Place is the beginning.
type Place struct {
	// Token is that of the next page; empty when there is none.
	Token string `json:"token"`
	// Counts are the users so far, by verdict.
	Counts map[sweep.Verdict]int `json:"counts"`
	// FromFront is how often the sweep began anew.
	FromFront int `json:"fromFront"`
}

// Function sweeps the pool, for some minutes an invocation.
type Function struct {
	Sweep   sweep.Sweep
	Log     *slog.Logger
	Metrics metrics.Stack
}

// Handle goes on at the place, and returns the next one. A page that fails after others
// is left to the next invocation; one that fails at first is the error, which the state
// machine retries.
func (f *Function) Handle(ctx context.Context, p Place) (Place, error) {
	end := f.Sweep.Now().Add(budget)
	if p.Counts == nil {
		p.Counts = make(map[sweep.Verdict]int)
	}
	for pages := 0; ; pages++ {
		users, next, err := f.Sweep.Page(ctx, p.Token)
		f.log(ctx, users)
		switch {
		case err == nil:
		case p.Token != "" && sweep.TokenRefused(err) && p.FromFront < maxFromFront:
			f.Log.WarnContext(ctx, "sweep begins anew", "error", start.ErrorCode(err))
			p = Place{Counts: make(map[sweep.Verdict]int), FromFront: p.FromFront + 1}
			continue
		default:
			f.Log.ErrorContext(ctx, "page failed", "error", describe(err))
			if pages > 0 {
				return p, nil
			}
			return p, errors.New(describe(err))
		}
		for _, u := range users {
			p.Counts[u.Verdict]++
		}
		p.Token = next
		if next == "" || !f.Sweep.Now().Before(end) {
			f.Log.InfoContext(ctx, "sweep went on", "counts", p.Counts, "ended", next == "")
			return p, nil
		}
	}
}

// log notes each user whose onboarding was started, or could not be.
func (f *Function) log(ctx context.Context, users []sweep.User) {
	for _, u := range users {
		log := f.Log.With("execution", u.Input.ExecutionName(u.Cause))
		switch u.Verdict {
		case sweep.Found:
			log.LogAttrs(ctx, slog.LevelInfo, "user found", f.Metrics.Count(metrics.UsersFound)...)
		case sweep.Restarted:
			log.InfoContext(ctx, "onboarding started again", "cause", u.Cause)
		case sweep.Failed:
			log.ErrorContext(ctx, "user failed", "error", describe(u.Err))
		}
	}
}

// describe names the call that failed, and why. It never has the error's own text, which
// may quote a username.
func describe(err error) string {
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		return op.Service() + " " + op.Operation() + ": " + start.ErrorCode(err)
	}
	return start.ErrorCode(err)
}

// pace makes calls at a limited rate. Throttled calls the SDK repeats.
type pace struct{ *rate.Limiter }

// Do implements sweep.Pace.
func (p pace) Do(ctx context.Context, call func() error) error {
	if err := p.Wait(ctx); err != nil {
		return err //nolint:wrapcheck // the context's
	}
	return call()
}

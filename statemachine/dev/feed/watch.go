package feed

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/dev/local"
)

// How often the histories of the executions that run are read, at the most, and at
// least.
const (
	shortest = 100 * time.Millisecond
	longest  = time.Second
)

// watcher fills a feed. One goroutine publishes, and reads the histories before it tells
// of a call: so an event comes after those that caused it.
type watcher struct {
	feed   *Feed
	engine *sfn.Client
	// running are the executions that have not ended, by ARN, and ended the others.
	running, ended map[string]*progress
	wake           chan struct{}

	mu      sync.Mutex
	pending []Event
	touched []string // ARNs of executions that started or were redriven
}

// Watch fills the feed with what happens on the local AWS from now on, until ctx ends.
func Watch(ctx context.Context, a *local.AWS, f *Feed) {
	w := &watcher{
		feed: f, engine: sfn.NewFromConfig(a.QuietConfig()), wake: make(chan struct{}, 1),
		running: make(map[string]*progress), ended: make(map[string]*progress),
	}
	ignoreCalls := a.Observe(func(c local.Call) {
		if event, arn := fromCall(c); event != nil || arn != "" {
			w.add(event, arn)
		} else if c.Action == "Invoke" {
			w.add(nil, "") // an attempt has ended
		}
	})
	ignoreLogs := a.ObserveLogs(func(l local.LogLine) {
		w.add(&Event{Kind: Logged, Function: a.LogicalID(l.Function), Message: l.Text}, "")
	})
	go func() {
		defer ignoreCalls()
		defer ignoreLogs()
		w.run(ctx)
	}()
}

func (w *watcher) add(event *Event, arn string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if event != nil {
		if event.Time.IsZero() {
			event.Time = time.Now()
		}
		w.pending = append(w.pending, *event)
	}
	if arn != "" {
		w.touched = append(w.touched, arn)
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watcher) take() (pending []Event, touched []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	pending, touched = w.pending, w.touched
	w.pending, w.touched = nil, nil
	return pending, touched
}

func (w *watcher) run(ctx context.Context) {
	ticker := time.NewTicker(longest)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-w.wake:
		case <-ticker.C:
		case <-ctx.Done():
		}
		pending, touched := w.take()
		for _, arn := range touched {
			w.follow(arn)
		}
		w.read(ctx)
		for _, event := range pending {
			w.feed.Publish(event)
		}
		select {
		case <-time.After(shortest):
		case <-ctx.Done():
		}
	}
}

// follow begins to read an execution's history, or goes on after a redrive.
func (w *watcher) follow(arn string) {
	if w.running[arn] != nil {
		return
	}
	p := w.ended[arn]
	if p == nil {
		p = &progress{arn: arn}
	}
	delete(w.ended, arn)
	w.running[arn] = p
}

// read publishes what is new in the histories of the executions that run. What cannot be
// read now is read later.
func (w *watcher) read(ctx context.Context) {
	for arn, p := range w.running {
		history, err := local.History(ctx, w.engine, arn)
		if err != nil || len(history) <= p.told {
			continue
		}
		for _, e := range history[p.told:] {
			if event := p.next(e); event != nil {
				w.feed.Publish(*event)
			}
		}
		p.told = len(history)
		if p.over {
			delete(w.running, arn)
			w.ended[arn] = p
		}
	}
}

package main

import "time"

// bucket is a token bucket, the way AWS limits rates. A nil one limits nothing. It
// counts in integers, so that every machine counts alike.
type bucket struct {
	rate, full int64 // tokens a second; tokens × nano
	tokens     int64 // × nano; below zero if some are reserved
	last       time.Duration
}

// nano is the part of a token in which a bucket counts: with a rate of r tokens a
// second, r of them come in a nanosecond.
const nano = int64(time.Second)

func newBucket(q quota) *bucket {
	return &bucket{rate: q.perSecond, full: q.burst * nano, tokens: q.burst * nano}
}

func (b *bucket) refill(now time.Duration) {
	missing := b.full - b.tokens
	if rest := int64(now - b.last); rest > missing/b.rate {
		b.tokens = b.full
	} else {
		b.tokens += rest * b.rate
	}
	b.last = now
}

// take takes a token if there is one.
func (b *bucket) take(now time.Duration) bool {
	if b == nil {
		return true
	}
	b.refill(now)
	if b.tokens < nano {
		return false
	}
	b.tokens -= nano
	return true
}

// reserve takes a token that may have yet to come, and returns when it does.
func (b *bucket) reserve(now time.Duration) time.Duration {
	b.refill(now)
	b.tokens -= nano
	if b.tokens >= 0 {
		return now
	}
	return now + time.Duration((-b.tokens+b.rate-1)/b.rate)
}

// window allows so many units in any 24 hours. A nil one limits nothing.
type window struct {
	used []time.Duration // a ring, the oldest at next
	next int
}

const day = 24 * time.Hour

// newWindow returns a window of so many units; nil for 0.
func newWindow(perDay int) *window {
	if perDay == 0 {
		return nil
	}
	w := &window{used: make([]time.Duration, perDay)}
	for i := range w.used {
		w.used[i] = -day
	}
	return w
}

// open reports whether a unit is left.
func (w *window) open(now time.Duration) bool {
	return w == nil || now-w.used[w.next] >= day
}

// reopens is when the next unit is left.
func (w *window) reopens() time.Duration {
	if w == nil {
		return 0
	}
	return w.used[w.next] + day
}

// use uses a unit up.
func (w *window) use(now time.Duration) {
	if w != nil {
		w.used[w.next] = now
		w.next = (w.next + 1) % len(w.used)
	}
}

package main

import (
	"testing"
	"time"
)

func TestBucketTakesItsBurstAndThenItsRate(t *testing.T) {
	b := newBucket(quota{perSecond: 2, burst: 3})
	var taken []time.Duration
	for at := time.Duration(0); at <= 3*time.Second; at += 100 * time.Millisecond {
		for b.take(at) {
			taken = append(taken, at)
		}
	}
	if len(taken) != 3+6 || taken[2] != 0 || taken[3] != 500*time.Millisecond {
		t.Errorf("taken at %v, want three at once and then two a second", taken)
	}
	rested := 0
	for b.take(time.Hour) {
		rested++
	}
	if rested != 3 {
		t.Errorf("after a rest %d at once, want 3", rested)
	}
}

func TestReservationsFollowEachOther(t *testing.T) {
	b := newBucket(quota{perSecond: 4, burst: 1})
	for i, want := range []time.Duration{0, 250 * time.Millisecond, 500 * time.Millisecond} {
		if got := b.reserve(0); got != want {
			t.Errorf("reservation %d is for %v, want %v", i, got, want)
		}
	}
}

func TestWindowOpensADayAfterTheOldest(t *testing.T) {
	w := newWindow(2)
	w.use(time.Hour)
	w.use(2 * time.Hour)
	if w.open(day) || !w.open(day+time.Hour) || w.reopens() != day+time.Hour {
		t.Errorf("after a day %t, an hour later %t, it reopens after %v", w.open(day), w.open(day+time.Hour), w.reopens())
	}
	if none := newWindow(0); !none.open(0) || none.reopens() != 0 {
		t.Error("no quota is closed")
	}
}

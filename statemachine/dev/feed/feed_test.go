package feed_test

import (
	"context"
	"testing"
	"time"

	"example.com/onboarding/statemachine/dev/feed"
)

func TestKeepsTheLatestOfEachKind(t *testing.T) {
	var f feed.Feed
	f.Publish(feed.Event{Kind: feed.SignedUp, User: "first"})
	for range feed.Limit + 10 {
		f.Publish(feed.Event{Kind: feed.Logged})
	}
	if got := f.Since(0, feed.SignedUp); len(got) != 1 || got[0].User != "first" {
		t.Errorf("log lines pushed a sign-up out: %v", got)
	}
	logged := f.Since(0, feed.Logged)
	if len(logged) != feed.Limit || logged[0].ID != 12 {
		t.Errorf("%d lines are kept, from the ID %d; want %d, from 12", len(logged), logged[0].ID, feed.Limit)
	}
	if all := f.Since(0); len(all) != feed.Limit+1 || all[0].ID != 1 || all[1].ID != 12 {
		t.Errorf("all events are not in order: %d", len(all))
	}
	if got := f.Since(logged[len(logged)-1].ID); got != nil {
		t.Errorf("there is something after the last one: %v", got)
	}
}

func TestFollowYieldsWhatComes(t *testing.T) {
	var f feed.Feed
	f.Publish(feed.Event{Kind: feed.SignedUp})
	f.Publish(feed.Event{Kind: feed.Logged})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var got []int64
	for e := range f.Follow(ctx, feed.SignedUp, feed.Mailed) {
		got = append(got, e.ID)
		if e.Kind == feed.Mailed {
			break
		}
		go f.Publish(feed.Event{Kind: feed.Mailed})
	}
	if len(got) != 2 || got[0] != 1 || got[1] != 3 {
		t.Errorf("followed %v, want 1 and 3", got)
	}
	cancel()
	for e := range f.Follow(ctx, feed.Ended) {
		t.Errorf("yielded %v after the end", e)
	}
}

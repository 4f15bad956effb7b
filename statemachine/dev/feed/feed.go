// Package feed tells, as it happens, what users and executions do on the local AWS: the
// page in the browser and the lines in the terminal are made of it. It is kept in
// memory, with the mails and the addresses that are in it, and ends with the process.
package feed

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"sync"
	"time"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/record"
)

// Kind says what an event tells.
type Kind string

// The kinds, with the fields that an event of each has besides ID, Time and Kind.
const (
	// SignedUp has User, Username.
	SignedUp Kind = "signed up"
	// Confirmed has Username, Duration, and Error and Message if Cognito refused, or the
	// trigger failed.
	Confirmed Kind = "confirmed"
	// Started, Redriven and Ended have Execution, ARN; Ended has Status, Duration since
	// the start or the redrive, and Error and Message if it stopped.
	Started  Kind = "execution started"
	Redriven Kind = "execution redriven"
	Ended    Kind = "execution ended"
	// AttemptStarted, AttemptSucceeded and AttemptFailed have Execution, ARN, State and
	// Attempt; the last two Duration; AttemptSucceeded the step's Result, AttemptFailed
	// Error and Message.
	AttemptStarted   Kind = "attempt started"
	AttemptSucceeded Kind = "attempt succeeded"
	AttemptFailed    Kind = "attempt failed"
	// Mailed has Mail, and MessageID, or Error and Message if SES refused it.
	Mailed Kind = "mail sent"
	// Receipt is something that SES told of a mail, and a function took: it has Username,
	// the recipient's address, and Receipt with Fate, Message and Bounce.
	Receipt Kind = "mail receipt"
	// Put is an event that was put on the bus: it has Source, DetailType and Message,
	// its detail.
	Put Kind = "event put"
	// Logged has Function, its logical ID, and Message, the line.
	Logged Kind = "logged"
)

// Event is something that happened.
type Event struct {
	// ID counts the events from 1.
	ID   int64
	Time time.Time
	Kind Kind
	// User is the sub, and Username what the caller named the user by: the address, mostly.
	User, Username string
	// Execution is the execution's name.
	Execution, ARN string
	State          string
	// Attempt counts the attempts of the state from 1; a redrive begins anew.
	Attempt  int
	Duration time.Duration
	// Status is that of the execution, such as "FAILED".
	Status string
	// Error is the error's name, and Message what else there is to say.
	Error, Message string
	Result         json.RawMessage
	Mail           *local.Mail
	// MessageID is the ID that SES gave the mail.
	MessageID          string
	Receipt            record.Receipt
	Source, DetailType string
	Function           string
}

// Limit is how many events of each kind are kept: beyond it, the oldest goes.
const Limit = 2000

// Feed keeps the latest events. Its zero value is empty, and ready.
type Feed struct {
	mu    sync.Mutex
	last  int64
	kept  map[Kind][]Event
	added chan struct{} // closed with the next event
}

// Publish adds an event, and gives it its ID, and the time if it has none.
func (f *Feed) Publish(e Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	e.ID = f.last
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	if f.kept == nil {
		f.kept = make(map[Kind][]Event)
	}
	f.kept[e.Kind] = append(f.kept[e.Kind], e)
	f.kept[e.Kind] = f.kept[e.Kind][max(0, len(f.kept[e.Kind])-Limit):]
	if f.added != nil {
		close(f.added)
		f.added = nil
	}
}

// Last is the ID of the last event; 0 if there was none.
func (f *Feed) Last() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// Since returns the events that are kept and came after the one with that ID, in order;
// 0 is before all. It returns those of the kinds, or all if there are none.
func (f *Feed) Since(id int64, kinds ...Kind) []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.since(id, kinds)
}

func (f *Feed) since(id int64, kinds []Kind) []Event {
	var found []Event
	for kind, events := range f.kept {
		if len(kinds) > 0 && !slices.Contains(kinds, kind) {
			continue
		}
		from, _ := slices.BinarySearchFunc(events, id+1, func(e Event, id int64) int { return int(e.ID - id) })
		found = append(found, events[from:]...)
	}
	slices.SortFunc(found, func(a, b Event) int { return int(a.ID - b.ID) })
	return found
}

// Wait returns what Since does as soon as that is something, and nothing when ctx ends.
func (f *Feed) Wait(ctx context.Context, id int64, kinds ...Kind) []Event {
	for {
		f.mu.Lock()
		events := f.since(id, kinds)
		if f.added == nil {
			f.added = make(chan struct{})
		}
		added := f.added
		f.mu.Unlock()
		if len(events) > 0 {
			return events
		}
		select {
		case <-added:
		case <-ctx.Done():
			return nil
		}
	}
}

// Follow yields the events that are kept, and each new one, until ctx ends. Whoever
// takes longer than it takes Limit events of a kind to come misses the oldest.
func (f *Feed) Follow(ctx context.Context, kinds ...Kind) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		var id int64
		for {
			events := f.Wait(ctx, id, kinds...)
			if events == nil {
				return
			}
			for _, e := range events {
				if !yield(e) {
					return
				}
				id = e.ID
			}
		}
	}
}

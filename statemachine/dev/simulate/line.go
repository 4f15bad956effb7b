package main

import (
	"slices"
	"time"
)

// line is an SQS queue with the functions that read it.
type line struct {
	waiting []actor
	batch   int
	// hidden is how long a message stays hidden after a function has failed it.
	hidden  time.Duration
	readers []*reader
}

// reader is one of the functions that an event source mapping runs at once.
type reader struct {
	line  *line
	actor actor
	// begin begins the work on a user, now, and pace is how long after that the
	// next message has its turn.
	begin func(now time.Duration, u *user, id actor)
	pace  time.Duration

	active  bool
	batch   []actor
	running bool
}

// The queue of deferred starts, as template.yaml has it.
const (
	deferredReaders = 2
	deferredBatch   = 10
	deferredHidden  = 180 * time.Second
)

// addLines makes the queue of deferred starts, and in front of the states with a
// quota of their own those of the mode.
func (w *world) addLines(m mode, a account) {
	w.deferred = w.newLine(deferredReaders, deferredBatch, deferredHidden, callTime, w.startDeferred)
	if m.readers == 0 {
		return
	}
	for name, q := range map[string]quota{groupState: groupChanges, mailState: a.mails} {
		for _, s := range w.stages {
			if s.name == name {
				s.calls = append(slices.Clip(s.calls), call{}) // SendTaskSuccess
				pace := time.Duration(m.readers) * time.Second / time.Duration(q.perSecond)
				s.line = w.newLine(m.readers, m.batch, m.hidden, max(pace, s.duration()), w.beginTask)
			}
		}
	}
}

func (w *world) newLine(readers, batch int, hidden, pace time.Duration, begin func(time.Duration, *user, actor)) *line {
	l := &line{batch: batch, hidden: hidden}
	for range readers {
		r := &reader{line: l, actor: w.arrivals() + 1 + actor(len(w.readers)), begin: begin, pace: pace}
		l.readers = append(l.readers, r)
		w.readers = append(w.readers, r)
	}
	return l
}

// startDeferred is an attempt of the function StartDeferred.
func (w *world) startDeferred(now time.Duration, u *user, id actor) {
	if w.starts.take(now) {
		u.phase = entering
		w.agenda.add(now+callTime, id)
		return
	}
	u.phase = deferring
	w.agenda.add(now+deferredHidden, id)
}

// beginTask begins the calls of the state's function.
func (w *world) beginTask(now time.Duration, u *user, id actor) {
	u.phase, u.call = calling, 0
	w.agenda.add(now, id)
}

// send sends the user's message to the queue of the state.
func (w *world) send(now time.Duration, u *user) time.Duration {
	w.count.requests++
	u.phase, u.sent = lining, now
	return now + callTime
}

// lineUp puts the user's message into the queue, and wakes a function that waits.
func (w *world) lineUp(now time.Duration, u *user, id actor, l *line) time.Duration {
	u.phase = waiting
	l.waiting = append(l.waiting, id)
	for _, r := range l.readers {
		if !r.active {
			r.active = true
			w.agenda.add(now+pollTime, r.actor)
			break
		}
	}
	return never
}

// read is the next thing a function that reads a queue does.
func (w *world) read(now time.Duration, r *reader) time.Duration {
	if len(r.batch) == 0 {
		if r.running {
			r.running = false
			w.room++
			w.count.requests++ // what was done is deleted from the queue
			return now + pollTime
		}
		if at, received := w.receive(now, r); !received {
			return at
		}
	}
	id := r.batch[0]
	r.batch = r.batch[1:]
	r.begin(now, &w.users[id], id)
	return now + r.pace
}

// receive takes a batch. Without messages the function ends until there are some.
func (w *world) receive(now time.Duration, r *reader) (again time.Duration, received bool) {
	l := r.line
	w.sendAgain(now, l)
	if len(l.waiting) == 0 {
		r.active = false
		return never, false
	}
	if !w.enterFunction() {
		return now + time.Second, false
	}
	r.running = true
	w.count.requests++
	n := min(l.batch, len(l.waiting))
	r.batch, l.waiting = l.waiting[:n:n], l.waiting[n:]
	return 0, true
}

// taskTimeout is the TimeoutSeconds of a state with a queue: less than the 14 days
// for which SQS keeps a message at most, so that the state times out, is retried and
// sends its message again before that is lost.
const taskTimeout = 13 * day

// sendAgain puts the messages whose states have timed out at the queue's end.
func (w *world) sendAgain(now time.Duration, l *line) {
	if l == w.deferred {
		return
	}
	for len(l.waiting) > 0 {
		id := l.waiting[0]
		u := &w.users[id]
		if now-u.sent < taskTimeout {
			return
		}
		w.count.requests++
		u.transitions++
		u.sent = now
		l.waiting = append(l.waiting[1:], id)
	}
}

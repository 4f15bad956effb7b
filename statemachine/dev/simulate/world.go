package main

import (
	"math/rand/v2"
	"slices"
	"time"
)

// world is the simulated AWS account: its users, quotas and queues, and what happens
// next.
type world struct {
	users  []user
	stages []*stage
	// starts and transitions are the quotas of Step Functions.
	starts, transitions *bucket
	// room is how many more invocations Lambda takes.
	room, functions int
	random          *rand.Rand

	agenda agenda
	// asked are the times at which the users want to confirm, in order, and
	// confirms is Cognito's quota for that.
	asked    []time.Duration
	confirms *bucket
	came     int

	deferred *line
	readers  []*reader

	count  count
	every  time.Duration
	sample time.Duration // the next one
	series []point
}

// count is what is counted while it happens.
type count struct {
	confirmed, grouped, mailed int
	// retries are those of states.
	retries int
	// requests are those to SQS.
	requests int
	// throttles are the calls that AWS refused.
	throttles int
	// busiest is the highest number of invocations at once.
	busiest int
}

// point is how far the users were at one time.
type point struct {
	at                         time.Duration
	confirmed, grouped, mailed int
}

func newWorld(s scenario, m mode, steps []step, seed uint64) (*world, error) {
	stages, err := newStages(steps, s.account)
	if err != nil {
		return nil, err
	}
	w := &world{
		users: make([]user, s.users), stages: stages,
		starts: newBucket(starts), transitions: newBucket(transitions),
		room: s.account.functions, functions: s.account.functions,
		random:   rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // the same in every run, on purpose
		confirms: newBucket(confirmations), every: s.every,
	}
	w.asked = s.arrivals(w.random)
	w.addLines(m, s.account)
	w.agenda.add(w.nextConfirmation(), w.arrivals())
	return w, nil
}

// arrivals is the actor that lets users come; the readers of the queues follow it.
func (w *world) arrivals() actor { return actor(len(w.users)) }

func (w *world) run() {
	w.agenda.run(func(now time.Duration, a actor) time.Duration {
		for w.every > 0 && w.sample <= now {
			w.series = append(w.series, point{w.sample, w.count.confirmed, w.count.grouped, w.count.mailed})
			w.sample += w.every
		}
		switch {
		case a < w.arrivals():
			return w.user(now, a)
		case a == w.arrivals():
			return w.confirm(now)
		default:
			return w.read(now, w.readers[a-w.arrivals()-1])
		}
	})
}

// nextConfirmation is when Cognito takes the next user's confirmation.
func (w *world) nextConfirmation() time.Duration { return w.confirms.reserve(w.asked[w.came]) }

// confirm is the confirmation of the next user. Cognito invokes the trigger and waits
// for it; without room for it the user sees an error, and is confirmed all the same.
func (w *world) confirm(now time.Duration) time.Duration {
	u := &w.users[w.came]
	u.confirmed = now
	w.count.confirmed++
	if w.enterFunction() {
		u.invoked, u.phase = true, starting
		w.agenda.add(now, actor(w.came))
	} else {
		u.phase = turnedAway
	}
	w.came++
	if w.came == len(w.users) {
		return never
	}
	return max(now, w.nextConfirmation())
}

// enterFunction takes the room for an invocation, if there is any.
func (w *world) enterFunction() bool {
	if w.room == 0 {
		return false
	}
	w.room--
	w.count.busiest = max(w.count.busiest, w.functions-w.room)
	return true
}

// leaveFunction gives the room of the user's invocation back, if there is one.
func (w *world) leaveFunction(u *user) {
	if u.invoked {
		u.invoked = false
		w.room++
	}
}

// arrivals are the times at which the users want to confirm.
func (s scenario) arrivals(random *rand.Rand) []time.Duration {
	asked := make([]time.Duration, s.users)
	if s.span > 0 {
		for i := range asked {
			asked[i] = time.Duration(random.Int64N(int64(s.span)))
		}
		slices.Sort(asked)
	}
	return asked
}

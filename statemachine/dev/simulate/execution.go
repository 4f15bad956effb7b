package main

import (
	"time"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/internal/asl"
)

// The trigger's attempts at StartExecution, as trigger/ makes them.
const (
	startAttempts     = 3
	startAttemptAfter = 200 * time.Millisecond
)

// user does what happens to a user next, and returns when something happens again.
func (w *world) user(now time.Duration, id actor) time.Duration {
	u := &w.users[id]
	switch u.phase {
	case starting:
		return w.startExecution(now, u)
	case deferring:
		w.leaveFunction(u)
		return w.lineUp(now, u, id, w.deferred)
	case entering:
		w.leaveFunction(u) // the trigger's
		u.transitions++
		u.phase = invoking
		// Step Functions delays a transition beyond its quota.
		if at := w.transitions.reserve(now); at > now {
			return at
		}
		return w.invoke(now, u)
	case invoking:
		return w.invoke(now, u)
	case calling:
		return w.call(now, u)
	case ending:
		return w.end(now, u)
	case throttled, overQuota:
		return w.fail(now, u)
	default: // lining
		return w.lineUp(now, u, id, w.stages[u.stage].line)
	}
}

// startExecution is an attempt of the trigger.
func (w *world) startExecution(now time.Duration, u *user) time.Duration {
	if w.starts.take(now) {
		u.phase, u.attempt = entering, 0
		return now + callTime
	}
	if u.attempt++; u.attempt < startAttempts {
		return now + callTime + startAttemptAfter
	}
	u.phase, u.attempt = deferring, 0
	w.count.requests++
	return now + 2*callTime // the call that failed, and the one of SQS
}

// invoke invokes the state's function, or sends its message.
func (w *world) invoke(now time.Duration, u *user) time.Duration {
	s := w.stages[u.stage]
	if s.line != nil {
		return w.send(now, u)
	}
	if !w.enterFunction() {
		return w.retry(now, u, s.onLambda)
	}
	u.invoked, u.phase, u.call = true, calling, 0
	return w.call(now, u)
}

// call makes the function's calls from the user's next one on, up to one that must
// wait for its time, because a quota counts it.
func (w *world) call(now time.Duration, u *user) time.Duration {
	calls := w.stages[u.stage].calls
	at := now
	for ; int(u.call) < len(calls); u.call++ {
		c := &calls[u.call]
		if c.limit == nil {
			at += callTime
			continue
		}
		if at > now {
			return at
		}
		if open := c.daily.open(now); !open || !c.limit.take(now) {
			return w.refused(now, u, c, open)
		}
		c.daily.use(now)
		at += callTime
	}
	u.phase = ending
	return at
}

// refused is a call that AWS throttles, which ends the function.
func (w *world) refused(now time.Duration, u *user, c *call, open bool) time.Duration {
	w.count.throttles++
	u.phase = throttled
	if !open {
		u.phase = overQuota
	}
	return now + time.Duration(1+c.undo)*callTime
}

// end is the end of a state.
func (w *world) end(now time.Duration, u *user) time.Duration {
	w.leaveFunction(u)
	switch w.stages[u.stage].name {
	case groupState:
		u.grouped = now
		w.count.grouped++
	case mailState:
		u.mailed = now
		w.count.mailed++
	}
	u.stage++
	u.retries = [maxRetriers]uint16{}
	if int(u.stage) == len(w.stages) {
		u.phase = onboarded
		return never
	}
	u.phase = entering
	return now
}

// fail is the end of a function that was throttled: its message comes again, or the
// state retries.
func (w *world) fail(now time.Duration, u *user) time.Duration {
	s := w.stages[u.stage]
	w.leaveFunction(u)
	switch {
	case s.line != nil:
		u.phase = lining
		u.again++
		return now + s.line.hidden
	case u.phase == overQuota || u.retried() >= statemachine.ThrottledRetries:
		return w.retry(now, u, s.onQuota)
	}
	return w.retry(now, u, s.onThrottle)
}

// retry waits as the retrier says; without one, or with its attempts used up, the
// execution stops.
func (w *world) retry(now time.Duration, u *user, i int) time.Duration {
	s := w.stages[u.stage]
	if i < 0 || int(u.retries[i]) >= s.retriers[i].Attempts() {
		u.phase = stopped
		return never
	}
	delay := s.delays[i][min(int(u.retries[i]), len(s.delays[i])-1)]
	if s.retriers[i].JitterStrategy == asl.FullJitter {
		delay = time.Duration(w.random.Int64N(int64(delay) + 1))
	}
	u.retries[i]++
	w.count.retries++
	u.phase = entering
	return now + delay
}

package burst

import (
	"container/heap"
	"time"

	"example.com/onboarding/statemachine/dev/numbers/retry"
)

// world is the simulated account: its users and quotas, and what happens next.
type world struct {
	states []State
	// calls are the quotas of each state's calls; nil for a call without one.
	calls  [][]*bucket
	quotas map[string]*bucket
	users  []user
	// room is how many more invocations Lambda takes.
	room   int
	draw   retry.Draw
	result Result
}

// user is someone who signs up, and the execution for that.
type user struct {
	confirmed   time.Duration
	phase       phase
	state, call int8 // those that come next
	transitions uint16
	// used are the retries of the state, by retrier.
	used [maxRetriers]uint16
}

// phase says what happens to a user next.
type phase uint8

const (
	confirming phase = iota // Cognito invokes the trigger
	started                 // the trigger has started the execution
	invoking                // the execution enters a state, or retries it
	calling                 // the function makes its next call
	throttled               // the function ends with an error
	overQuota               // likewise, for a day's quota
	ending                  // the function ends well
)

// never is the time of what does not happen.
const never time.Duration = -1

// event says when a user acts next. Each has one at most.
type event struct {
	at   time.Duration
	user int
}

// agenda is what happens next, by time and then by user, so that it is the same in
// every run.
type agenda []event

func (a agenda) Len() int { return len(a) }

func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].user < a[j].user
}

func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

// Push implements heap.Interface.
func (a *agenda) Push(x any) { *a = append(*a, x.(event)) }

// Pop implements heap.Interface.
func (a *agenda) Pop() any {
	last := len(*a) - 1
	e := (*a)[last]
	*a = (*a)[:last]
	return e
}

// run lets the users act, each at its time, until there is nothing left.
func (w *world) run(confirmations []time.Duration) {
	var next agenda
	for came := 0; came < len(confirmations) || len(next) > 0; {
		if came < len(confirmations) && (len(next) == 0 || confirmations[came] <= next[0].at) {
			w.users[came].confirmed = confirmations[came]
			heap.Push(&next, event{confirmations[came], came})
			came++
			continue
		}
		if at := w.act(next[0].at, &w.users[next[0].user]); at == never {
			heap.Pop(&next)
		} else {
			next[0].at = at
			heap.Fix(&next, 0) // in place, which is cheaper than out and in again
		}
	}
	w.finish(confirmations[len(confirmations)-1])
}

// act does what happens to a user next, and returns when something happens again.
func (w *world) act(now time.Duration, u *user) time.Duration {
	switch u.phase {
	case confirming:
		if !w.enter() {
			w.result.TurnedAway++
			return never
		}
		u.phase = started
		return now + callTime
	case started:
		w.room++
		return w.invoke(now, u)
	case invoking:
		return w.invoke(now, u)
	case calling:
		return w.call(now, u)
	case throttled:
		w.room++
		return w.retry(now, u, retry.Throttled)
	case overQuota:
		w.room++
		return w.retry(now, u, retry.QuotaExceeded)
	default:
		w.room++
		return w.end(now, u)
	}
}

// enter takes the room for an invocation, if there is any.
func (w *world) enter() bool {
	if w.room == 0 {
		return false
	}
	w.room--
	w.result.Functions = max(w.result.Functions, w.result.Scenario.Functions-w.room)
	return true
}

func (w *world) invoke(now time.Duration, u *user) time.Duration {
	u.transitions++
	if !w.enter() {
		return w.retry(now, u, retry.NoRoom)
	}
	u.phase, u.call = calling, 0
	return w.call(now, u)
}

// call makes the function's calls from the user's next one on, up to one that must
// wait for its time, because a quota counts it.
func (w *world) call(now time.Duration, u *user) time.Duration {
	calls, at := w.calls[u.state], now
	for ; int(u.call) < len(calls); u.call++ {
		if quota := calls[u.call]; quota != nil {
			switch {
			case at > now:
				return at
			case now < quota.closed:
				u.phase = overQuota
				return now + callTime
			case !quota.take(now):
				u.phase = throttled
				return now + callTime
			}
		}
		at += callTime
	}
	u.phase = ending
	return at
}

// end is the end of a state.
func (w *world) end(now time.Duration, u *user) time.Duration {
	if u.state == 0 {
		w.result.First = append(w.result.First, (now - u.confirmed).Seconds())
	}
	u.state++
	u.used = [maxRetriers]uint16{}
	if int(u.state) < len(w.states) {
		return w.invoke(now, u)
	}
	w.result.Done = append(w.result.Done, (now - u.confirmed).Seconds())
	w.result.Last = now
	return never
}

// retry waits as the definition says; with its retries used up, the execution stops.
func (w *world) retry(now time.Duration, u *user, errorName string) time.Duration {
	retriers := w.states[u.state].Retriers
	delay, retried := retry.Next(retriers, u.used[:len(retriers)], errorName, w.draw)
	if !retried {
		w.result.Stopped++
		return never
	}
	u.phase = invoking
	return now + delay
}

// finish adds the users up. The limit is the longest of the time in which they come,
// and of that in which each quota allows the calls of all, once it is open.
func (w *world) finish(lastConfirmed time.Duration) {
	w.result.Limit = lastConfirmed
	uses := make(map[*bucket]int64)
	for _, calls := range w.calls {
		for _, q := range calls {
			if q != nil {
				uses[q] += int64(len(w.users))
				w.result.Limit = max(w.result.Limit, q.closed+time.Duration(uses[q]*second/q.rate))
			}
		}
	}
	for i := range w.users {
		w.result.Transitions += int(w.users[i].transitions)
		w.result.Most = max(w.result.Most, int(w.users[i].transitions))
	}
}

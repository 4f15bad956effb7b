package main

import (
	"container/heap"
	"time"
)

// actor is a user, or what else acts by itself, by its number.
type actor int

// entry says when an actor acts next. Each has one entry at most.
type entry struct {
	at    time.Duration
	actor actor
}

// agenda is what happens next, in the order of time and then of actors, so that it
// is the same in every run.
type agenda struct {
	entries queue
	added   []entry // while an actor acts
}

type queue []entry

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].actor < q[j].actor
}

func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *queue) Push(x any) { *q = append(*q, x.(entry)) }

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	*q = (*q)[:last]
	return e
}

// never is the time of what does not happen.
const never time.Duration = -1

// add lets another actor act at a time; the one that acts says so by what it returns.
func (a *agenda) add(at time.Duration, who actor) { a.added = append(a.added, entry{at, who}) }

// run lets the actors act, each at its time, until there is nothing left. An actor
// returns when it acts again.
func (a *agenda) run(act func(now time.Duration, who actor) time.Duration) {
	for {
		for _, e := range a.added {
			heap.Push(&a.entries, e)
		}
		a.added = a.added[:0]
		if len(a.entries) == 0 {
			return
		}
		first := a.entries[0]
		next := act(first.at, first.actor)
		if next == never {
			heap.Pop(&a.entries)
			continue
		}
		// In place, which is cheaper than out and in again.
		a.entries[0].at = next
		heap.Fix(&a.entries, 0)
	}
}

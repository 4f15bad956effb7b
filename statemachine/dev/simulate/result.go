package main

import (
	"slices"
	"time"

	"example.com/onboarding/statemachine/dev/cost"
)

// result is what became of a burst.
type result struct {
	scenario scenario
	mode     mode
	count    count
	series   []point
	// limit is when the last user would be mailed if nothing but the quotas took
	// time, and lastMail when that was.
	limit, lastMail time.Duration
	// mail and group are how long users waited for them after the confirmation,
	// sorted.
	mail, group                        []time.Duration
	transitions                        int
	mostTransitions                    int
	again                              int
	onboarded, stopped, turnedAway, in int
}

func simulate(s scenario, m mode, steps []step, seed uint64) (result, error) {
	w, err := newWorld(s, m, steps, seed)
	if err != nil {
		return result{}, err
	}
	w.run()
	return w.result(s, m), nil
}

func (w *world) result(s scenario, m mode) result {
	r := result{scenario: s, mode: m, count: w.count, series: w.series, limit: w.limit(s.account)}
	for i := range w.users {
		r.add(&w.users[i])
	}
	slices.Sort(r.mail)
	slices.Sort(r.group)
	return r
}

func (r *result) add(u *user) {
	r.transitions += int(u.transitions)
	r.mostTransitions = max(r.mostTransitions, int(u.transitions))
	r.again += int(u.again)
	r.lastMail = max(r.lastMail, u.mailed)
	if u.grouped > 0 {
		r.group = append(r.group, u.grouped-u.confirmed)
	}
	if u.mailed > 0 {
		r.mail = append(r.mail, u.mailed-u.confirmed)
	}
	switch u.phase {
	case onboarded:
		r.onboarded++
	case stopped:
		r.stopped++
	case turnedAway:
		r.turnedAway++
	default:
		r.in++
	}
}

// limit is when the last user could be mailed at the earliest: each user in turn is
// put in the group and then mailed, as soon as the quotas of Cognito and SES allow.
// It is the longest of the time in which users come, of users ÷ slowest quota, and of
// what the quota of a day adds.
func (w *world) limit(a account) time.Duration {
	var group, mail time.Duration
	daily := newWindow(a.mailsADay)
	for i := range w.users {
		confirmed := w.users[i].confirmed
		group = max(confirmed, group+time.Second/time.Duration(groupChanges.perSecond))
		mail = max(group, mail+time.Second/time.Duration(a.mails.perSecond), daily.reopens())
		daily.use(mail)
	}
	return mail
}

func (r result) ofLimit() float64 { return r.lastMail.Seconds() / r.limit.Seconds() }

func (r result) perUser(n int) float64 { return float64(n) / float64(r.scenario.users) }

// dollars is the price of one user's transitions and messages.
func (r result) dollars() float64 {
	return cost.Transition.Of(r.perUser(r.transitions)) + cost.QueueCall.Of(r.perUser(r.count.requests))
}

// lost are the users who are not onboarded unless an operator does something.
func (r result) lost() int { return r.stopped + r.turnedAway }

// percentile of sorted durations; 0 of none.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(p/100*float64(len(sorted)-1)+0.5)]
}

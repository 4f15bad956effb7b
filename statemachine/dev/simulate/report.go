package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const burstHead = `| burst (limit) | a state waits by | last mailed | ÷ limit | mail after p50, p99 | group after p50, p99 | transitions mean, most | again | $ per user | functions | stopped | turned away |
|---|---|---|---|---|---|---|---|---|---|---|---|
`

// burstTable has a row for each result.
func burstTable(results []result) string {
	var b strings.Builder
	b.WriteString(burstHead)
	for _, r := range results {
		b.WriteString(r.row())
	}
	return b.String()
}

func (r result) row() string {
	return fmt.Sprintf("| %s (%s) | %s | %s | %.2f | %s, %s | %s, %s | %.1f, %d | %.1f | %.6f | %d | %s | %s |\n",
		r.scenario.name, short(r.limit), r.mode.name, short(r.lastMail), r.ofLimit(),
		short(percentile(r.mail, 50)), short(percentile(r.mail, 99)), short(percentile(r.group, 50)), short(percentile(r.group, 99)),
		r.perUser(r.transitions), r.mostTransitions, r.perUser(r.count.retries+r.again), r.dollars(),
		r.count.busiest, thousands(r.stopped), thousands(r.turnedAway))
}

const retryHead = `| first delay, growth, longest delay | burst | ÷ limit | transitions mean, most | mail p99 | group p50, p99 |
|---|---|---|---|---|---|
`

// retryTable has a row for each result, the retries of which the jobs have.
func retryTable(jobs []job, results []result) string {
	var b strings.Builder
	b.WriteString(retryHead)
	for i, r := range results {
		fmt.Fprintf(&b, "| %s | %s | %.2f | %.1f, %d | %s | %s, %s |\n", waitsOf(jobs[i].steps), r.scenario.name,
			r.ofLimit(), r.perUser(r.transitions), r.mostTransitions, short(percentile(r.mail, 99)),
			short(percentile(r.group, 50)), short(percentile(r.group, 99)))
	}
	return b.String()
}

// waitsOf describes the retrier of throttled calls of the state that sends the mail.
func waitsOf(steps []step) string {
	for _, s := range steps {
		if i := s.retrierOf(throttledError); s.name == mailState && i >= 0 {
			r := s.retriers[i]
			return fmt.Sprintf("%g s, ×%g, %g s", *r.IntervalSeconds, *r.BackoffRate, *r.MaxDelaySeconds)
		}
	}
	return "none"
}

// quotaTable has the quotas that are simulated.
func quotaTable() string {
	var b strings.Builder
	b.WriteString("| quota | a second | at once | source |\n|---|---|---|---|\n")
	for _, q := range []quota{confirmations, groupChanges, userReads, starts, transitions, grown.mails, sandbox.mails} {
		where := ""
		if q == sandbox.mails {
			where = ", sandbox"
		}
		fmt.Fprintf(&b, "| %s%s | %d %s | %d | %s |\n", q.name, where, q.perSecond, q.unit, q.burst, q.source)
	}
	fmt.Fprintf(&b, "| SES mails in any 24 hours, new account; sandbox | | %s; %d | %s |\n", thousands(fresh.mailsADay), sandbox.mailsADay, sesQuotas)
	fmt.Fprintf(&b, "| Lambda invocations at once; new account | | %s; %d | %s |\n", thousands(grown.functions), small.functions, lambdaQuotas)
	return b.String()
}

// missed are the parts of the goal that the result misses.
func (r result) missed() []string {
	g := r.scenario.goal
	var missed []string
	if r.ofLimit() > g.ofLimit {
		missed = append(missed, "time")
	}
	if g.transitions > 0 && r.perUser(r.transitions) > g.transitions {
		missed = append(missed, "transitions")
	}
	if r.lost() > 0 {
		missed = append(missed, "users lost")
	}
	return missed
}

// goalLines says of each result that has a goal by how much it meets or misses it.
func goalLines(results []result) string {
	var b strings.Builder
	for _, r := range results {
		g := r.scenario.goal
		if g == nil {
			continue
		}
		verdict := "met"
		if missed := r.missed(); len(missed) > 0 {
			verdict = "MISSED (" + strings.Join(missed, ", ") + ")"
		}
		fmt.Fprintf(&b, "goal %s, %s: %s: %s", r.scenario.name, r.mode.name, verdict, compared("times the limit", r.ofLimit(), g.ofLimit))
		if g.transitions > 0 {
			fmt.Fprintf(&b, ", %s", compared("transitions", r.perUser(r.transitions), g.transitions))
		}
		fmt.Fprintf(&b, ", %s users lost\n", thousands(r.lost()))
	}
	return b.String()
}

func compared(what string, got, most float64) string {
	return fmt.Sprintf("%.3g %s (at most %.3g: %+.0f %%)", got, what, most, 100*(got/most-1))
}

// missedByAll is the error of a goal that no mode meets.
func missedByAll(results []result) error {
	met := map[string]bool{}
	for _, r := range results {
		if r.scenario.goal != nil {
			met[r.scenario.name] = met[r.scenario.name] || len(r.missed()) == 0
		}
	}
	var failures []error
	for name, ok := range met {
		if !ok {
			failures = append(failures, fmt.Errorf("the goal of the burst %q is missed in every mode", name))
		}
	}
	return errors.Join(failures...)
}

// short writes a duration with two or three digits.
func short(d time.Duration) string {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"d", 2 * day}, {"h", 2 * time.Hour}, {"min", 2 * time.Minute}, {"s", time.Second}} {
		if d >= unit.size {
			if unit.size > time.Second {
				unit.size /= 2
			}
			return fmt.Sprintf("%.3g %s", d.Seconds()/unit.size.Seconds(), unit.name)
		}
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

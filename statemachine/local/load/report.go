package main

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"
)

// report is what a run found.
type report struct {
	plan        Plan
	cores       int
	arrivals    time.Duration // from the first arrival to the last
	took        time.Duration // from the first arrival until all was over
	latencies   []latency
	late        []time.Duration
	effects     []effect
	lost        []*person // who lack an effect
	doubled     []*person // who have an effect twice
	refused     map[string]int
	executions  int
	failed      map[string]int // executions that did not succeed, by error
	others      int            // executions for nobody of the run
	repeats     int            // events delivered twice
	resets      int
	calls       int
	errors      map[string]int
	retried     map[string]int
	stepRetries int
	memory      []growth
	most        int // function processes at a time
}

// latency is how long something took for each user that it happened to.
type latency struct {
	what   string
	values []time.Duration // sorted
}

// effect is something that each user must have once.
type effect struct {
	what                 string
	seen, without, twice int
}

func (r *run) report(ctx context.Context, began, ended time.Time) (*report, error) {
	executions, others, err := r.executions(ctx, began)
	if err != nil {
		return nil, err
	}
	kept, err := r.readBack(ctx)
	if err != nil {
		return nil, err
	}
	l := r.ledger
	out := &report{
		plan: r.plan, cores: runtime.NumCPU(), took: ended.Sub(began), arrivals: r.people[len(r.people)-1].due.Sub(began),
		late: slices.Sorted(slices.Values(r.late)), executions: len(executions), others: others, refused: make(map[string]int), failed: make(map[string]int),
		calls: l.calls, errors: l.errors, retried: l.retried, stepRetries: l.retries(),
		memory: r.memory.growths(), most: r.memory.most,
	}
	var durations []time.Duration
	for _, e := range executions {
		durations = append(durations, e.took)
		if e.ended != succeeded {
			out.failed[e.ended]++
		}
	}
	for _, p := range r.people {
		for _, err := range []error{p.signUpErr, p.confirmErr} {
			if err != nil {
				out.refused[kindOf(err)]++
			}
		}
		if p.event != nil {
			out.repeats++
		}
		out.resets += p.resets
	}
	out.count(r.people, executions, kept)
	out.latencies = latencies(r.people, l.triggers, durations)
	return out, nil
}

// count counts the effects, and who lacks one or has one twice.
func (r *report) count(people []*person, executions map[string]execution, kept map[*person]stored) {
	counters := []struct {
		what string
		once bool
		of   func(*person) int
	}{
		{"execution", true, func(p *person) int { _, ok := executions[p.sub]; return one(ok) }},
		{"put in the group", false, func(p *person) int { return p.groups }},
		{"group, read back", true, func(p *person) int { return kept[p].groups }},
		{"profile written", true, func(p *person) int { return p.profiles }},
		{"profile, read back", true, func(p *person) int { return one(kept[p].profile) }},
		{"mail", true, func(p *person) int { return p.mails }},
		{"event", true, func(p *person) int { return p.events }},
	}
	r.effects = make([]effect, len(counters))
	for _, p := range people {
		lost, doubled := false, false
		for i, c := range counters {
			n := c.of(p)
			e := &r.effects[i]
			e.what = c.what
			e.seen += n
			e.without += one(n == 0)
			e.twice += one(n > 1)
			lost, doubled = lost || n == 0, doubled || n > 1 && c.once
		}
		if lost {
			r.lost = append(r.lost, p)
		}
		if doubled {
			r.doubled = append(r.doubled, p)
		}
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// stored is what the services keep of a user.
type stored struct {
	groups  int
	profile bool
}

// readBack asks the services what they keep of each user.
func (r *run) readBack(ctx context.Context) (map[*person]stored, error) {
	kept := make(map[*person]stored, len(r.people))
	var mu sync.Mutex
	var readers sync.WaitGroup
	var failed error
	next := make(chan *person)
	for range 8 {
		readers.Go(func() {
			for p := range next {
				s, err := r.read(ctx, p)
				mu.Lock()
				if kept[p] = s; err != nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	for _, p := range r.people {
		if p.signUpErr == nil {
			next <- p
		}
	}
	close(next)
	readers.Wait()
	return kept, failed
}

func (r *run) read(ctx context.Context, p *person) (stored, error) {
	groups, err := r.aws.Groups(ctx, p.user.Email)
	if err != nil {
		return stored{}, err
	}
	profile, err := r.aws.Profile(ctx, p.sub)
	if err != nil {
		return stored{}, err
	}
	return stored{groups: len(groups), profile: profile != nil}, nil
}

func latencies(people []*person, triggers, executions []time.Duration) []latency {
	var signUps, confirmations, mails, events []time.Duration
	for _, p := range people {
		if p.signUpErr == nil {
			signUps = append(signUps, p.signedUp)
		}
		if p.confirmed > 0 {
			confirmations = append(confirmations, p.confirmed)
		}
		if p.mails > 0 {
			mails = append(mails, p.mailed)
		}
		if p.events > 0 {
			events = append(events, p.evented)
		}
	}
	all := []latency{
		{"sign-up answered", signUps},
		{"confirmation answered, the trigger included", confirmations},
		{"the trigger's part of it", triggers},
		{"confirmation to mail", mails},
		{"confirmation to event, the last step", events},
		{"execution, as the engine has it", executions},
	}
	for _, l := range all {
		slices.Sort(l.values)
	}
	return all
}

// percentile returns the value that p percent of the sorted values do not exceed.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	i := int(float64(len(sorted))*p/100+0.999999) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// grown returns the processes whose memory is not flat.
func (r *report) grown() []growth {
	return slices.DeleteFunc(slices.Clone(r.memory), growth.flat)
}

// latest is by how much the generator may be late at p99. Beyond that the machine had
// other things to do, and the run tells of them.
const latest = time.Second

// disturbed reports whether the generator itself could not keep the rate.
func (r *report) disturbed() bool { return percentile(r.late, 99) > latest }

// clean reports whether nobody was lost, refused or onboarded twice, memory is flat,
// and the generator kept the rate.
func (r *report) clean() bool {
	return !r.disturbed() && len(r.lost) == 0 && len(r.doubled) == 0 && len(r.refused) == 0 && len(r.failed) == 0 && r.others == 0 && len(r.grown()) == 0
}

package cost

import (
	"fmt"
	"maps"
	"slices"
)

// Onboarding is all that the price of onboardings depends on.
type Onboarding struct {
	template template
	machine  machine
	states   []string
	usage    Usage
}

// New reads an onboarding from the template and the definition.
func New(templateText []byte, definition string, usage Usage) (*Onboarding, error) {
	t, err := readTemplate(templateText)
	if err != nil {
		return nil, err
	}
	m, err := parse(definition)
	if err != nil {
		return nil, err
	}
	states, err := m.path()
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{"Trigger", "StartDeferred"}, states...) {
		_, deployed := t.functions[name]
		if _, measured := usage.Functions[name]; !deployed || !measured {
			return nil, fmt.Errorf("%s is in the template: %t, its usage was measured: %t", name, deployed, measured)
		}
	}
	return &Onboarding{t, m, states, usage}, nil
}

// Transitions is how many state transitions an onboarding takes of which nothing fails.
func (o *Onboarding) Transitions() (int, error) { return o.machine.transitions() }

// Use returns what so many users use. A part of the attempts fails, from 0 to below 1:
// each step of each user fails once with that probability, throttled at its last call,
// and is done by the retry; and so often the start of an execution fails in the trigger,
// and is made from the queue.
func (o *Onboarding) Use(users, failing float64) (Use, error) {
	n, err := o.Transitions()
	if err != nil {
		return nil, err
	}
	u := Use{Transition: float64(n) + failing*float64(len(o.states))}
	steps, err := o.steps(failing)
	if err != nil {
		return nil, err
	}
	u.add(steps)
	start, err := o.start(failing)
	if err != nil {
		return nil, err
	}
	u.add(start)
	u = u.times(users)
	u[Trace] = Traces(users, SpreadDays*24*3600)
	return u, nil
}

// start returns what the trigger uses for a user, and the queue if the start fails.
func (o *Onboarding) start(failing float64) (Use, error) {
	u := make(Use)
	trigger := o.usage.Functions["Trigger"]
	return u, o.invoke(u, map[string][]part{
		"Trigger":       {{trigger.Done, 1 - failing}, {trigger.Failed, failing}},
		"StartDeferred": {{o.usage.Functions["StartDeferred"].Done, failing}},
	})
}

// steps returns what the functions of the states use for a user.
func (o *Onboarding) steps(failing float64) (Use, error) {
	u := logged(o.usage.EventBytes, 1, o.template.eventDays)
	u.add(logged(len(executionFailure), 1, o.template.logDays).times(failing * float64(len(o.states))))
	parts := make(map[string][]part)
	for _, name := range o.states {
		f := o.usage.Functions[name]
		parts[name] = []part{{f.Done, 1}, {f.Failed, failing}}
	}
	return u, o.invoke(u, parts)
}

// part is an attempt and how often a user brings it about.
type part struct {
	attempt Attempt
	times   float64
}

func (o *Onboarding) invoke(u Use, functions map[string][]part) error {
	for _, name := range slices.Sorted(maps.Keys(functions)) { // the same sum each time
		for _, p := range functions[name] {
			one, err := p.attempt.use(o.template.functions[name], o.template.logDays)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			u.add(one.times(p.times))
		}
	}
	return nil
}

// States returns the states in the order in which they are entered.
func (o *Onboarding) States() []string { return slices.Clone(o.states) }

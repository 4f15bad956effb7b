package cost

import "math"

// InTrigger returns what so many users use if the trigger itself does all that the
// steps do, one after the other while Cognito waits, and nothing retries.
func (o *Onboarding) InTrigger(users float64) (Use, error) {
	u, err := o.together().use(o.template.functions["Trigger"], o.template.logDays)
	if err != nil {
		return nil, err
	}
	return u.times(users), nil
}

// together is all steps in one invocation.
func (o *Onboarding) together() Attempt {
	all := Attempt{Calls: make(map[string]int)}
	for _, name := range o.states {
		done := o.usage.Functions[name].Done
		for call, n := range done.Calls {
			all.Calls[call] += n
		}
		all.LogLines += done.LogLines
		all.LogBytes += done.LogBytes
	}
	return all
}

// Incomplete is the part of the users of whom at least one step fails, if each fails
// with that probability.
func (o *Onboarding) Incomplete(failing float64) float64 {
	return 1 - math.Pow(1-failing, float64(len(o.states)))
}

// InParallel is the onboarding with all states between the first and the last in one
// Parallel state.
func (o *Onboarding) InParallel() (*Onboarding, error) {
	m, err := o.machine.inParallel()
	if err != nil {
		return nil, err
	}
	parallel := *o
	parallel.machine = m
	return &parallel, nil
}

// Express returns what so many users use in an Express workflow, which is billed for its
// duration, the waits before its retries included.
func (o *Onboarding) Express(users, failing float64) (Use, error) {
	u, err := o.Use(users, failing)
	if err != nil {
		return nil, err
	}
	delete(u, Transition)
	millis := 0.0
	for _, name := range o.states {
		f := o.usage.Functions[name]
		wait := 0.0
		if retries := o.machine.States[name].Retry; len(retries) > 0 {
			wait = float64(retries[0].IntervalSeconds) * 1000 / 2 // full jitter halves it on average
		}
		millis += f.Done.millis() + ExpressOverheadMillis + failing*(wait+f.Failed.millis()+ExpressOverheadMillis)
	}
	millis = math.Ceil(millis/100) * 100 // as it is billed
	u[ExpressRequest] = users
	u[ExpressSecond] = users * ExpressMB / 1024 * millis / 1000
	return u, nil
}

// Durable returns what so many users use if the trigger starts one durable function,
// whose steps are ours. The start and each step are operations
// (https://aws.amazon.com/lambda/pricing/), and so, it is assumed here, is each attempt
// that failed; the function is invoked again for each retry.
func (o *Onboarding) Durable(users, failing float64) (Use, error) {
	trigger := o.usage.Functions["Trigger"].Done
	u, err := trigger.use(o.template.functions["Trigger"], o.template.logDays)
	if err != nil {
		return nil, err
	}
	size := o.template.functions[o.states[0]]
	all, err := o.together().use(size, o.template.logDays)
	if err != nil {
		return nil, err
	}
	u.add(all)
	for _, name := range o.states {
		failed, err := o.usage.Functions[name].Failed.use(size, o.template.logDays)
		if err != nil {
			return nil, err
		}
		u.add(failed.times(failing))
	}
	u[DurableOperation] = 1 + float64(len(o.states))*(1+failing)
	u[DurableGB] = DurableBytes / 1e9
	return u.times(users), nil
}

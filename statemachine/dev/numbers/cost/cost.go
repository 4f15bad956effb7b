package cost

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"example.com/onboarding/statemachine/dev/numbers/usage"
	"example.com/onboarding/statemachine/dev/project"
	"example.com/onboarding/statemachine/sweep"
)

// Use is how many units of each price are used.
type Use map[Price]float64

// Dollars returns what the units of these prices cost, or all that is used if there are
// none.
func (u Use) Dollars(prices ...Price) float64 {
	if len(prices) == 0 {
		prices = Prices()
	}
	sum := 0.0
	for _, p := range prices {
		sum += p.Of(u[p])
	}
	return sum
}

func (u Use) add(times float64, other Use) {
	for p, units := range other {
		u[p] += times * units
	}
}

// callUse is what a call costs that AWS carried out; no other call is known to cost
// something. Items are smaller than the 1 KB of one write unit. What is sent to a queue
// is also received and deleted, at most one message at a time.
var callUse = map[string]Use{
	"cognito-idp AdminAddUserToGroup": {}, // in the price of a monthly active user
	"cognito-idp AdminGetUser":        {},
	"states StartExecution":           {}, // in the price of the transitions
	"dynamodb PutItem":                {Write: 1},
	"dynamodb UpdateItem":             {Write: 1},
	"dynamodb DeleteItem":             {Write: 1},
	"dynamodb GetItem":                {Read: 1},
	"ses SendEmail":                   {Mail: 1},
	"events PutEvents":                {Event: 1},
	"sqs SendMessage":                 {QueueCall: 3},
}

// Onboarding is all that the price of onboardings depends on.
type Onboarding struct {
	project *project.Project
	usage   usage.Usage
}

// New returns the onboarding of a project.
func New(p *project.Project, u usage.Usage) (*Onboarding, error) {
	for _, f := range p.Functions {
		if _, measured := u.Functions[f.Name]; !measured {
			return nil, fmt.Errorf("what %s uses was not measured yet: make docs does it", f.LogicalID)
		}
	}
	return &Onboarding{p, u}, nil
}

// Use returns what so many users use. A part of the attempts fails, from 0 to below 1:
// each step of each user fails once with that probability, throttled at its first call,
// and is done by the retry; so often, too, the start of an execution fails in the
// trigger, and is made from the queue.
func (o *Onboarding) Use(users, failing float64) Use {
	one := Use{}
	one.add(1, logged(o.usage.EventBytes, 1, eventDays))
	for _, s := range o.project.Steps {
		u := o.usage.Functions[s.Function.Name]
		one.add(1+failing, Use{Transition: 1})
		one.add(1, attempt(u.Done, s.Function))
		one.add(failing, attempt(failed(u), s.Function))
		one.add(failing, logged(failureBytes, 1, logDays))
	}
	for _, f := range o.project.Others() {
		switch u := o.usage.Functions[f.Name]; {
		case u.OnFailure:
			one.add(failing, attempt(u.Done, f))
		case u.Failed.LogLines > 0: // it does something else then, and is not retried
			one.add(1-failing, attempt(u.Done, f))
			one.add(failing, attempt(u.Failed, f))
		default:
			one.add(1, attempt(u.Done, f))
		}
	}
	all := Use{}
	all.add(users, one)
	all[Trace] = traces(users, SpreadDays*24*3600)
	return all
}

// Sweep returns what a sweep uses that finds so many users onboarded: a read of each
// record that may lag behind, which is half a read, and pages as fast as they may be read.
func Sweep(users float64) Use {
	seconds := math.Ceil(users/60) / sweep.PagesRate
	invocations := math.Ceil(seconds / (5 * 60))
	return Use{Read: users / 2, Request: invocations, ArmSecond: 0.125 * seconds, Transition: 1 + 2*invocations}
}

// failed is the attempt of a step that fails: like one that does not, if it makes no
// call that could be throttled.
func failed(u usage.Function) usage.Attempt {
	if u.Failed.LogLines > 0 {
		return u.Failed
	}
	return u.Done
}

// attempt returns what an invocation of the function uses.
func attempt(a usage.Attempt, f project.Function) Use {
	n := max(a.Invocations, 1)
	times := float64(n)
	millis := math.Ceil(float64(len(a.Calls)+a.Refused)*CallMillis+times*CPUMillis) + times*ColdStarts*InitMillis
	u := Use{Request: times, ArmSecond: float64(f.MemorySize) / 1024 * millis / 1000}
	u.add(1, logged(a.LogBytes+n*platformBytes, a.LogLines+2*n, logDays))
	for _, call := range a.Calls {
		u.add(1, callUse[call])
	}
	return u
}

// Unpriced are the calls of an onboarding whose price is not known here.
func (o *Onboarding) Unpriced() []string {
	var calls []string
	for _, name := range slices.Sorted(maps.Keys(o.usage.Functions)) {
		for _, call := range o.usage.Functions[name].Done.Calls {
			if _, known := callUse[call]; !known && !slices.Contains(calls, call) {
				calls = append(calls, call)
			}
		}
	}
	return calls
}

// logged returns what lines cost that are kept for so many days. CloudWatch compresses
// what it keeps, and how well is not known, so this is the most.
func logged(bytes, lines, days int) Use {
	gb := float64(bytes+lines*lineBytes) / 1e9
	return Use{LogGB: gb, LogGBMonth: gb * float64(days) / 30}
}

// traces is how many of the users' traces X-Ray records when they come evenly in so
// many seconds: the first of each second, and 5 % of the others
// (https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html).
func traces(users, seconds float64) float64 {
	first := seconds * (1 - math.Exp(-users/seconds))
	return first + 0.05*(users-first)
}

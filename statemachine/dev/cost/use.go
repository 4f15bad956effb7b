package cost

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Use is how many units of each price are used.
type Use map[Price]float64

// Dollars returns what the units of these prices cost, or all that is used if there are
// none.
func (u Use) Dollars(prices ...Price) float64 {
	if len(prices) == 0 {
		prices = slices.Concat(Running(), Monthly(), Others())
	}
	sum := 0.0
	for _, p := range prices {
		sum += p.Of(u[p])
	}
	return sum
}

// Own returns what the workflow itself costs, transitions or what is in their place,
// and invocations: without mail, tables, events and logs.
func (u Use) Own() float64 { return u.Orchestration() + u.Lambda() }

// Orchestration returns what running the steps one after the other costs.
func (u Use) Orchestration() float64 {
	return u.Dollars(Transition, ExpressRequest, ExpressSecond, DurableOperation, DurableGB)
}

// Lambda returns what the invocations cost.
func (u Use) Lambda() float64 { return u.Dollars(Request, ArmSecond, X86Second) }

func (u Use) add(other Use) {
	for p, units := range other {
		u[p] += units
	}
}

func (u Use) times(n float64) Use {
	product := maps.Clone(u)
	for p := range product {
		product[p] *= n
	}
	return product
}

// callUse is what a call costs that AWS carried out. All items are smaller than the 1 KB
// of one write unit. What is sent to a queue is also received and deleted, at most one
// message at a time.
var callUse = map[string]Use{
	"cognito-idp AdminAddUserToGroup": nil, // in the price of a monthly active user
	"cognito-idp AdminGetUser":        nil,
	"states StartExecution":           nil, // in the price of the transitions
	"dynamodb PutItem":                {Write: 1},
	"dynamodb UpdateItem":             {Write: 1},
	"dynamodb DeleteItem":             {Write: 1},
	"dynamodb GetItem":                {Read: 1},
	"ses SendEmail":                   {Mail: 1},
	"events PutEvents":                {Event: 1},
	"sqs SendMessage":                 {QueueCall: 3},
}

// use returns what an invocation of the function uses.
func (a Attempt) use(f function, logDays int) (Use, error) {
	u := Use{Request: 1}
	u.add(f.seconds(a.millis()))
	u.add(logged(a.LogBytes+len(platformStart)+len(platformReport), a.LogLines+2, logDays))
	for call, n := range a.Calls {
		one, known := callUse[call]
		if !known {
			return nil, fmt.Errorf("%s has no price", call)
		}
		u.add(one.times(float64(n)))
	}
	return u, nil
}

// millis is how long an invocation is billed.
func (a Attempt) millis() float64 {
	calls := a.Refused
	for _, n := range a.Calls {
		calls += n
	}
	return math.Ceil(float64(calls)*CallMillis + CPUMillis)
}

// seconds returns the GB-seconds of an invocation, with its share of cold starts.
func (f function) seconds(millis float64) Use {
	gbSeconds := float64(f.memoryMB) / 1024 * (millis + ColdStarts*InitMillis) / 1000
	if f.arm {
		return Use{ArmSecond: gbSeconds}
	}
	return Use{X86Second: gbSeconds}
}

// logged returns what lines cost that are kept for so many days. CloudWatch compresses
// what it keeps, and how well is not known, so this is the most.
func logged(bytes, lines, days int) Use {
	gb := float64(bytes+lines*LineBytes) / 1e9
	return Use{LogGB: gb, LogGBMonth: gb * float64(days) / 30}
}

// Traces returns how many of the users' traces X-Ray records when they come evenly in
// so many seconds: the first of each second, and 5 % of the others
// (https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html). One trace
// has trigger, execution and steps.
func Traces(users, seconds float64) float64 {
	first := seconds * (1 - math.Exp(-users/seconds))
	return first + 0.05*(users-first)
}

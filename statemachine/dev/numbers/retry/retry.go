// Package retry says how long a state waits before it is retried, as Step Functions
// reads its Retry field. Tables and simulation share it: it is the only interpreter of
// retries beside the engine.
package retry

import (
	"math/rand/v2"
	"reflect"
	"time"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/internal/asl"
)

// The errors that the definition names and that are of interest here.
var (
	Throttled     = reflect.TypeFor[statemachine.ThrottledError]().Name()
	QuotaExceeded = reflect.TypeFor[statemachine.QuotaExceededError]().Name()
)

// NoRoom is Step Functions' name for a Lambda that runs as many functions as it may.
const NoRoom = "Lambda.TooManyRequestsException"

// Draw makes the delay of a retry from the longest that full jitter draws.
type Draw func(longest time.Duration) time.Duration

// Mean is the delay on average, and Longest what none exceeds.
func Mean(longest time.Duration) time.Duration { return longest / 2 }

// Longest is the longest delay.
func Longest(longest time.Duration) time.Duration { return longest }

// Random draws as Step Functions does.
func Random(r *rand.Rand) Draw {
	return func(longest time.Duration) time.Duration { return time.Duration(r.Int64N(int64(longest) + 1)) }
}

// Next returns the delay before the next retry of a state that ended with an error,
// and counts it in used, which has a number for each retrier. There is none if no
// retrier takes the error, or the one that does has retried as often as it may. A step
// that was retried often calls a throttle a used-up quota, as package step has it.
func Next(retriers []asl.Retrier, used []uint16, errorName string, draw Draw) (delay time.Duration, retried bool) {
	if errorName == Throttled && sum(used) >= statemachine.ThrottledRetries {
		errorName = QuotaExceeded
	}
	i := asl.RetrierOf(retriers, errorName)
	if i < 0 || int(used[i]) >= retriers[i].Attempts() {
		return 0, false
	}
	delay = retriers[i].Delay(int(used[i]))
	if retriers[i].JitterStrategy == asl.FullJitter {
		delay = draw(delay)
	}
	used[i]++
	return delay, true
}

// During returns how often a state is retried for an error that lasts so long, and the
// sum of the delays. It is retried as often as it may be if the error lasts longer.
func During(lasting time.Duration, retriers []asl.Retrier, errorName string, draw Draw) (retries int, waited time.Duration) {
	used := make([]uint16, len(retriers))
	for waited < lasting {
		delay, retried := Next(retriers, used, errorName, draw)
		if !retried {
			break
		}
		retries++
		waited += delay
	}
	return retries, waited
}

// Forever is longer than any error is retried.
const Forever = 1<<63 - 1

func sum(numbers []uint16) int {
	n := 0
	for _, x := range numbers {
		n += int(x)
	}
	return n
}

package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"example.com/onboarding/statemachine/internal/asl"
)

func checkRetrier(r asl.Retrier) error {
	for _, name := range r.ErrorEquals {
		if strings.HasPrefix(name, "States.") && name != timedOut {
			return fmt.Errorf("the stand-in does not know the error %s in ErrorEquals", name)
		}
	}
	if !slices.Contains([]string{"", "NONE", asl.FullJitter}, r.JitterStrategy) {
		return fmt.Errorf("the stand-in does not know the JitterStrategy %s", r.JitterStrategy)
	}
	return nil
}

// delay is how long to wait before the retry after n others of this retrier.
func delay(r asl.Retrier, n int) time.Duration {
	longest := r.Delay(n)
	if r.JitterStrategy == asl.FullJitter {
		return time.Duration(rand.Float64() * float64(longest)) //nolint:gosec // no secret
	}
	return longest
}

// retries counts the retries of a state, those of each retrier by themselves.
type retries struct {
	of    []asl.Retrier
	spent map[int]int
	total int // what $$.State.RetryCount is
}

// next returns how long to wait before the error is retried; false if it is not.
func (r *retries) next(errorName string) (time.Duration, bool) {
	i := asl.RetrierOf(r.of, errorName)
	if i < 0 || r.spent[i] >= r.of[i].Attempts() {
		return 0, false
	}
	wait := delay(r.of[i], r.spent[i])
	r.spent[i]++
	r.total++
	return wait, true
}

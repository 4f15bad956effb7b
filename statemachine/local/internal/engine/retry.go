package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// retrier is an element of a Retry field. What is missing has the default of the
// States Language (https://states-language.net/spec.html#errors).
type retrier struct {
	Comment         string
	ErrorEquals     []string
	IntervalSeconds *float64
	BackoffRate     *float64
	MaxDelaySeconds *float64
	MaxAttempts     *float64
	JitterStrategy  string
}

func (r retrier) check() error {
	for _, name := range r.ErrorEquals {
		if strings.HasPrefix(name, "States.") && name != timedOut {
			return fmt.Errorf("the stand-in does not know the error %s in ErrorEquals", name)
		}
	}
	if !slices.Contains([]string{"", "NONE", "FULL"}, r.JitterStrategy) {
		return fmt.Errorf("the stand-in does not know the JitterStrategy %s", r.JitterStrategy)
	}
	return nil
}

// delay is how long to wait before the retry after n others of this retrier.
func (r retrier) delay(n int) time.Duration {
	seconds := or(r.IntervalSeconds, 1) * math.Pow(or(r.BackoffRate, 2), float64(n))
	seconds = min(seconds, or(r.MaxDelaySeconds, math.Inf(1)), 31622400) // the most that AWS waits: a year
	if r.JitterStrategy == "FULL" {
		seconds *= rand.Float64() //nolint:gosec // no secret
	}
	return time.Duration(seconds * float64(time.Second))
}

func or(value *float64, otherwise float64) float64 {
	if value == nil {
		return otherwise
	}
	return *value
}

// retries counts the retries of a state, those of each retrier by themselves.
type retries struct {
	of    []retrier
	spent map[int]int
	total int // what $$.State.RetryCount is
}

// next returns how long to wait before the error is retried; false if it is not.
func (r *retries) next(errorName string) (time.Duration, bool) {
	i := slices.IndexFunc(r.of, func(r retrier) bool { return slices.Contains(r.ErrorEquals, errorName) })
	if i < 0 || float64(r.spent[i]) >= or(r.of[i].MaxAttempts, 3) {
		return 0, false
	}
	delay := r.of[i].delay(r.spent[i])
	r.spent[i]++
	r.total++
	return delay, true
}

package pace

import (
	"context"
	"fmt"
	"sync"
)

// MaxStreak is how many calls may fail in a row before a command gives up: then it
// is not single executions that fail, but a permission or a service is missing.
const MaxStreak = 20

// Streak counts failures in a row, and gives up when there are too many.
type Streak struct {
	GiveUp context.CancelCauseFunc

	mu sync.Mutex
	n  int
}

// Note takes the outcome of one call.
func (s *Streak) Note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.n = 0
		return
	}
	if s.n++; s.n == MaxStreak {
		s.GiveUp(fmt.Errorf("gave up after %d failures in a row, the last one: %w", MaxStreak, err))
	}
}

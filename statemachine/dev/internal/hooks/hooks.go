// Package hooks keeps the functions that are asked or told of something until they are
// removed.
package hooks

import (
	"slices"
	"sync"
)

// Hooks are functions of type F. The zero value has none, and is ready.
type Hooks[F any] struct {
	mu  sync.Mutex
	all []*F
}

// Add adds f; the returned function removes it.
func (h *Hooks[F]) Add(f F) (remove func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, &f)
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.all = slices.DeleteFunc(h.all, func(other *F) bool { return other == &f })
	}
}

// All returns the functions as they are now, in the order in which they were added.
func (h *Hooks[F]) All() []F {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]F, len(h.all))
	for i, f := range h.all {
		all[i] = *f
	}
	return all
}

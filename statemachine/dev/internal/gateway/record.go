package gateway

import "slices"

// Calls returns the calls so far that match, in the order of their answers.
func (g *Gateway) Calls(match func(Call) bool) []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	var calls []Call
	for _, call := range g.calls {
		if match(call) {
			calls = append(calls, call)
		}
	}
	return calls
}

// Observe has f told every call once it is answered, until remove is called. The
// caller waits meanwhile, and f may be called several times at once.
func (g *Gateway) Observe(f func(Call)) (remove func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.observers = append(g.observers, &f)
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.observers = slices.DeleteFunc(g.observers, func(other *func(Call)) bool { return other == &f })
	}
}

func (g *Gateway) record(call Call) {
	g.mu.Lock()
	g.calls = append(g.calls, call)
	observers := slices.Clone(g.observers)
	g.mu.Unlock()
	for _, f := range observers {
		(*f)(call)
	}
}

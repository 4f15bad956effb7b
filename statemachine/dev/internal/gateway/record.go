package gateway

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
func (g *Gateway) Observe(f func(Call)) (remove func()) { return g.observers.Add(f) }

func (g *Gateway) record(call Call) {
	g.mu.Lock()
	g.calls = append(g.calls, call)
	g.mu.Unlock()
	for _, f := range g.observers.All() {
		f(call)
	}
}

// Package allocstest bounds what code allocates. Unlike a time, the number of
// allocations is the same on every machine, so that a test can tell a regression from
// a busy one.
package allocstest

import "testing"

// margin is the share by which the number may differ. The race detector makes some
// values escape to the heap, and drops some of what a sync.Pool has: a mail takes 8 %
// more with it. Below ten allocations a single one more is a failure.
const margin = 0.1

// Check fails the test if f allocates more often than the budget, or so much less often
// that the budget should follow.
func Check(t *testing.T, budget int, f func()) {
	t.Helper()
	got := testing.AllocsPerRun(200, f)
	if got > float64(budget)*(1+margin) {
		t.Errorf("%v allocations, want %d: find what has become worse, or raise the budget with a reason", got, budget)
	}
	if got < float64(budget)*(1-margin) {
		t.Errorf("only %v allocations of %d: lower the budget, so that it stays", got, budget)
	}
}

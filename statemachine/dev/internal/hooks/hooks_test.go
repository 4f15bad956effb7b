package hooks_test

import (
	"slices"
	"testing"

	"example.com/onboarding/statemachine/dev/internal/hooks"
)

func TestHooksAreCalledInOrderUntilTheyAreRemoved(t *testing.T) {
	var h hooks.Hooks[func() string]
	say := func(text string) func() string { return func() string { return text } }
	h.Add(say("a"))
	remove := h.Add(say("b"))
	h.Add(say("c"))
	said := func() (all []string) {
		for _, f := range h.All() {
			all = append(all, f())
		}
		return all
	}
	if got := said(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("got %v", got)
	}
	before := h.All()
	remove()
	remove()
	if got := said(); !slices.Equal(got, []string{"a", "c"}) || len(before) != 3 {
		t.Errorf("after the removal got %v; %d were there before", got, len(before))
	}
}

package gateway_test

import (
	"testing"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

func TestObserver(t *testing.T) {
	l := start(t)
	var seen []gateway.Call
	remove := l.gateway.Observe(func(c gateway.Call) { seen = append(seen, c) })
	l.getUser(t)
	if len(seen) != 1 || seen[0].Action != "AdminGetUser" || seen[0].Status != 200 || string(seen[0].Response) != `{}` || seen[0].Attempt != 1 || seen[0].Invocation == "" {
		t.Errorf("observed %+v; want the first attempt of AdminGetUser, answered 200 {}", seen)
	}
	remove()
	l.getUser(t)
	if len(seen) != 1 {
		t.Errorf("%d calls observed; want none after the first", len(seen))
	}
}

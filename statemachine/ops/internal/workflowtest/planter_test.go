package workflowtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
)

// planter plants a fault in the stack, which the test's cleanup mends.
type planter struct {
	*testing.T

	aws *local.AWS
}

// answer makes AWS answer the calls of an action, or of a path of a REST protocol,
// with that.
func (p planter) answer(actionOrPath string, with http.Handler) {
	p.Helper()
	p.Cleanup(p.aws.AddFault(func(c local.Call) http.Handler {
		if c.Action == actionOrPath || c.Path == actionOrPath {
			return with
		}
		return nil
	}))
}

// rewrite changes the answers to such calls, for what the local AWS cannot be
// brought to say. Each pair is a text and what takes its place, once.
func (p planter) rewrite(actionOrPath string, pairs ...string) {
	p.Helper()
	p.answer(actionOrPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := httptest.NewRecorder()
		p.aws.Forward(held, r)
		text := held.Body.String()
		for i := 0; i < len(pairs); i += 2 {
			if held.Code == http.StatusOK && !strings.Contains(text, pairs[i]) {
				p.Errorf("the answer to %s has no %q: %s", actionOrPath, pairs[i], text)
			}
			text = strings.Replace(text, pairs[i], pairs[i+1], 1)
		}
		w.Header().Set("Content-Type", held.Header().Get("Content-Type"))
		w.WriteHeader(held.Code)
		fmt.Fprint(w, text)
	}))
}

func (p planter) physical(logicalID string) *string {
	p.Helper()
	id := p.aws.PhysicalID(logicalID)
	if id == "" {
		p.Fatalf("the stack has no %s", logicalID)
	}
	return &id
}

// must fails the test if a call did.
func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

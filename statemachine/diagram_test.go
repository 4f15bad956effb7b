package statemachine_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the documents that are made from the definition")

const (
	readme        = "../README.md"
	diagramBegins = "<!-- The diagram is made by make docs. -->\n```mermaid\n"
	diagramEnds   = "```\n"
)

// TestDiagram compares the picture in README.md with the definition; make docs draws
// it anew.
func TestDiagram(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), diagramBegins)
	got, after, ended := strings.Cut(rest, diagramEnds)
	if !found || !ended {
		t.Fatalf("README.md has no diagram between %q and %q", diagramBegins, diagramEnds)
	}
	want := diagram(t)
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("the diagram in README.md is stale (make docs mends it): it is\n%s\nand should be\n%s", got, want)
	}
	if err := os.WriteFile(readme, []byte(before+diagramBegins+want+diagramEnds+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// diagram returns the definition as a state diagram of Mermaid
// (https://mermaid.js.org/syntax/stateDiagram.html).
func diagram(t *testing.T) string {
	t.Helper()
	m := definition(t)
	var b strings.Builder
	fmt.Fprintf(&b, "stateDiagram-v2\n    direction LR\n    [*] --> %s\n", m.StartAt)
	for _, name := range steps(t).States() {
		s := m.States[name]
		lines := []string{name}
		for _, r := range s.Retry {
			lines = append(lines, fmt.Sprintf("retries %s ×%d", r.ErrorEquals[0], r.MaxAttempts))
		}
		fmt.Fprintf(&b, "    state %q as %s\n", strings.Join(lines, "<br>"), name)
		next := s.Next
		if s.End {
			next = "[*]"
		}
		fmt.Fprintf(&b, "    %s --> %s\n", name, next)
	}
	return b.String()
}

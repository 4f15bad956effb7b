package welcome

import (
	"os"
	"strings"
	"testing"
)

// linesOf returns the lines of a file in testdata, but for comments and empty ones.
func linesOf(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestRealNamesAreGreetedBy(t *testing.T) {
	seen := make(map[string]bool)
	for _, name := range linesOf(t, "names.txt") {
		if got := Greeting("en", map[string]string{"name": name}); got != name {
			t.Errorf("%q (%+[1]q) is greeted as %q", name, got)
		}
		if seen[name] {
			t.Errorf("%q is in the list twice", name)
		}
		seen[name] = true
	}
	if len(seen) < 300 {
		t.Errorf("%d names, want at least 300", len(seen))
	}
}

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDocumentIsOfThisDefinition simulates the smaller bursts again, compares them
// with BURSTS.md, and the picture with what it was drawn from.
func TestDocumentIsOfThisDefinition(t *testing.T) {
	results, err := runAll(everyMode(scenarios()[:2], definition(t)), 1)
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, "../../BURSTS.md")
	for _, r := range results {
		if !strings.Contains(text, r.row()) {
			t.Errorf("BURSTS.md is stale (make simulate UPDATE=1 mends it): it has no row\n%s", r.row())
		}
		if r.scenario.goal != nil && r.mode == retries {
			if missed := r.missed(); len(missed) > 0 {
				t.Errorf("the goal of %s is missed: %v", r.scenario.name, missed)
			}
			if claim := fmt.Sprintf("mailed after %.2f times", r.ofLimit()); !strings.Contains(text, claim) {
				t.Errorf("BURSTS.md does not say %q", claim)
			}
		}
	}
	if !strings.Contains(text, quotaTable()) {
		t.Errorf("BURSTS.md is stale: the quotas are\n%s", quotaTable())
	}
	series, err := json.Marshal(newPlot(results))
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(append([]byte(read(t, "draw.py")), series...))
	if svg := read(t, "../../bursts.svg"); !strings.Contains(svg, fmt.Sprintf("<!-- %x -->", hash)) {
		t.Error("bursts.svg is stale (make simulate UPDATE=1 mends it)")
	}
}

func TestTablesAreWrittenBetweenTheirMarkers(t *testing.T) {
	path := t.TempDir() + "/doc.md"
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + begin("a") + "old\n" + end("a") + "\nafter\n")
	if err := writeTables(path, map[string]string{"a": "new\n"}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, path), "before\n"+begin("a")+"new\n"+end("a")+"\nafter\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if err := writeTables(path, map[string]string{"b": ""}); err == nil {
		t.Error("a table without a place was written")
	}
}

package main

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

var updateSizes = flag.Bool("update-sizes", false, "take the sizes for right from now on")

const (
	root      = "../../.."
	sizesFile = "testdata/sizes.json"
	// sizeMargin is the share by which a size may differ from its budget: a new
	// version of Go or of the SDK is rarely more.
	sizeMargin = 0.03
)

// TestSizesAreWithinTheirBudgets builds each function of the template as it is
// deployed, and compares the bytes of its zip with those of sizes.json.
func TestSizesAreWithinTheirBudgets(t *testing.T) {
	watch(t)
	got := make(map[string]int64)
	b := testBuilder(t)
	for id, f := range testFunctions(t) {
		bootstrap, err := b.arm64(t.Context(), f.folder)
		if err != nil {
			t.Fatal(err)
		}
		if got[id], err = zipped(map[string]string{"bootstrap": bootstrap}); err != nil {
			t.Fatal(err)
		}
	}
	if *updateSizes {
		writeSizes(t, got)
	}
	checkSizes(t, got, readSizes(t))
}

// watch looks at the folders of the functions and of what they import. go test takes
// the result of the last time when nothing that a test looked at has changed, and it
// does not see what the compiler reads.
func watch(t *testing.T) {
	t.Helper()
	for _, folder := range []string{"trigger", "steps", "statemachine"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(string, fs.DirEntry, error) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
}

func checkSizes(t *testing.T, got, budgets map[string]int64) {
	t.Helper()
	const mend = "go test ./statemachine/local/bench -run Sizes -update-sizes"
	for id, size := range got {
		budget, ok := budgets[id]
		switch off := float64(size)/float64(budget) - 1; {
		case !ok:
			t.Errorf("%s has no budget in %s: %s gives it one", id, sizesFile, mend)
		case off > sizeMargin:
			t.Errorf("the zip of %s has %d bytes, %.1f %% more than its budget of %d: find what it has got, or take that for right with %s", id, size, 100*off, budget, mend)
		case off < -sizeMargin:
			t.Errorf("the zip of %s has %d bytes, %.1f %% less than its budget of %d: so that it stays, %s", id, size, -100*off, budget, mend)
		}
	}
	for id := range budgets {
		if _, ok := got[id]; !ok {
			t.Errorf("%s has a budget in %s, and is not in the template: %s", id, sizesFile, mend)
		}
	}
}

func testBuilder(t *testing.T) builder {
	t.Helper()
	b, err := newBuilder(root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func testFunctions(t *testing.T) map[string]deployed {
	t.Helper()
	read, err := readTemplate(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	functions, err := read.functions()
	if err != nil || len(functions) == 0 {
		t.Fatalf("%d functions in the template, error %v", len(functions), err)
	}
	return functions
}

func readSizes(t *testing.T) map[string]int64 {
	t.Helper()
	data, err := os.ReadFile(sizesFile)
	if err != nil {
		t.Fatal(err)
	}
	var sizes map[string]int64
	if err := json.Unmarshal(data, &sizes); err != nil {
		t.Fatalf("%s: %v", sizesFile, err)
	}
	return sizes
}

func writeSizes(t *testing.T, sizes map[string]int64) {
	t.Helper()
	data, err := json.MarshalIndent(sizes, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sizesFile, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

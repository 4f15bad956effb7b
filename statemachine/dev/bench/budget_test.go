package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

var updateBudgets = flag.Bool("update-budgets", false, "take what was counted for right from now on")

const (
	root        = "../../.."
	budgetsFile = "testdata/budgets.json"
	mend        = "go test ./statemachine/dev/bench -run Budgets -update-budgets"
)

// counts are what the budgets of a function are for.
type counts struct {
	// Zip is the bytes of the package that is uploaded.
	Zip int64 `json:"zip"`
	// Init is the bytes that the variables of all its packages allocate before main:
	// most of what makes the init of one function longer than that of another.
	Init int64 `json:"init"`
}

// The shares by which the counts may differ from their budgets: a new version of Go or
// of the SDK is rarely more.
const (
	zipMargin  = 0.03
	initMargin = 0.1
)

// TestBudgetsAreKept builds each function of the template as it is deployed, and
// compares what can be counted exactly with budgets.json.
func TestBudgetsAreKept(t *testing.T) {
	watch(t)
	got := make(map[string]counts)
	b := testBuilder(t)
	for id, f := range testFunctions(t) {
		got[id] = counts{zipBytes(t, b, f), initBytes(t, b, f)}
	}
	if *updateBudgets {
		writeBudgets(t, got)
	}
	checkBudgets(t, got, readBudgets(t))
}

func zipBytes(t *testing.T, b builder, f deployed) int64 {
	t.Helper()
	bootstrap, err := b.arm64(t.Context(), f.folder)
	if err != nil {
		t.Fatal(err)
	}
	size, err := zipped(map[string]string{"bootstrap": bootstrap})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// initBytes has Go's runtime tell of each package. Without a Runtime API to ask, the
// function ends when it has started.
func initBytes(t *testing.T, b builder, f deployed) int64 {
	t.Helper()
	binary, err := b.native(t.Context(), f.folder)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = []string{"GODEBUG=inittrace=1", "AWS_REGION=us-east-1", "AWS_ENDPOINT_URL=http://127.0.0.1:1"}
	for name, value := range f.environment {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	printed, err := cmd.CombinedOutput()
	if _, ended := errors.AsType[*exec.ExitError](err); !ended {
		t.Fatalf("%s ended with %v, and not for want of a Runtime API", f.folder, err)
	}
	var sum int64
	packages := traced.FindAllSubmatch(printed, -1)
	for _, p := range packages {
		n, err := strconv.ParseInt(string(p[1]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if len(packages) == 0 {
		t.Fatalf("%s told of no package: %s", f.folder, printed)
	}
	return sum
}

// traced matches the line of a package
// (https://pkg.go.dev/runtime#hdr-Environment_Variables).
var traced = regexp.MustCompile(`(?m)^init \S+ @.*, (\d+) bytes, \d+ allocs$`)

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

func checkBudgets(t *testing.T, got, budgets map[string]counts) {
	t.Helper()
	for id, count := range got {
		budget, ok := budgets[id]
		if !ok {
			t.Errorf("%s has no budget in %s: %s gives it one", id, budgetsFile, mend)
			continue
		}
		checkBudget(t, "the zip of "+id, count.Zip, budget.Zip, zipMargin)
		checkBudget(t, "what the packages of "+id+" allocate before main", count.Init, budget.Init, initMargin)
	}
	for id := range budgets {
		if _, ok := got[id]; !ok {
			t.Errorf("%s has a budget in %s, and is not in the template: %s", id, budgetsFile, mend)
		}
	}
}

func checkBudget(t *testing.T, what string, count, budget int64, margin float64) {
	t.Helper()
	switch off := float64(count)/float64(budget) - 1; {
	case off > margin:
		t.Errorf("%s is %d bytes, %.1f %% more than the budget of %d: find what is new, or take that for right with %s", what, count, 100*off, budget, mend)
	case off < -margin:
		t.Errorf("%s is %d bytes, %.1f %% less than the budget of %d: so that it stays, %s", what, count, -100*off, budget, mend)
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

func readBudgets(t *testing.T) map[string]counts {
	t.Helper()
	data, err := os.ReadFile(budgetsFile)
	if err != nil {
		t.Fatal(err)
	}
	var budgets map[string]counts
	if err := json.Unmarshal(data, &budgets); err != nil {
		t.Fatalf("%s: %v", budgetsFile, err)
	}
	return budgets
}

func writeBudgets(t *testing.T, budgets map[string]counts) {
	t.Helper()
	data, err := json.MarshalIndent(budgets, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(budgetsFile, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

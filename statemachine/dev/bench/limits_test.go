//go:build !race

package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"example.com/onboarding/statemachine/dev/project"
)

// limitInit is in bytes that the variables of all packages of a function allocate before
// main: most of what makes the init of one longer than that of another. It is the same
// for all functions, so that a new step has it from the beginning, and leaves room for
// new versions of Go and of the SDK. The goals of make bench are closer.
const limitInit = 2.5e6

// TestFunctionsAllocateLittleBeforeMain builds each function of the template for this
// machine, otherwise as it is deployed. Without the race detector: it takes as long.
func TestFunctionsAllocateLittleBeforeMain(t *testing.T) {
	watch(t)
	p, err := project.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	read, err := readTemplate(root)
	if err != nil {
		t.Fatal(err)
	}
	b := testBuilder(t)
	for _, f := range p.Functions {
		environment, err := read.environment(f.LogicalID)
		if err != nil {
			t.Fatal(err)
		}
		allocated := initBytes(t, b, f.Folder, environment)
		t.Logf("%s: %d bytes", f.Name, allocated)
		if allocated > limitInit {
			t.Errorf("the packages of %s allocate %d bytes before main, more than %.0f", f.Name, allocated, limitInit)
		}
	}
}

// initBytes has Go's runtime tell of each package. Without a Runtime API to ask, the
// function ends when it has started.
func initBytes(t *testing.T, b builder, folder string, environment map[string]string) int64 {
	t.Helper()
	binary, err := b.native(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = []string{"GODEBUG=inittrace=1", "AWS_REGION=us-east-1", "AWS_ENDPOINT_URL=http://127.0.0.1:1"}
	for name, value := range environment {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	printed, err := cmd.CombinedOutput()
	if _, ended := errors.AsType[*exec.ExitError](err); !ended {
		t.Fatalf("%s ended with %v, and not for want of a Runtime API", folder, err)
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
		t.Fatalf("%s told of no package: %s", folder, printed)
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

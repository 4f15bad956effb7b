//go:build !race

package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"example.com/onboarding/statemachine/dev/project"
)

// The limits are in bytes that the variables of a function's packages allocate before
// main: most of what makes the init of one longer than that of another. They are the same
// for all functions, so that a new step has them from the beginning. The goals of make
// bench are closer.
const (
	// limitInit is for all packages, and leaves room for new versions of Go and of the SDK.
	limitInit = 2.5e6
	// limitOwn is for the packages of this module: a regular expression that counts to 256
	// takes 240 kB and half a millisecond.
	limitOwn = 20e3
)

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
		all, own := initBytes(t, b, f.Folder, environment)
		t.Logf("%s: %d bytes, %d of them of its own", f.Name, all, own)
		if all > limitInit {
			t.Errorf("the packages of %s allocate %d bytes before main, more than %.0f", f.Name, all, limitInit)
		}
		if own > limitOwn {
			t.Errorf("this module's packages of %s allocate %d bytes before main, more than %.0f", f.Name, own, limitOwn)
		}
	}
}

// initBytes has Go's runtime tell of each package: the bytes of all, and of those of this
// module. Without a Runtime API to ask, the function ends when it has started.
func initBytes(t *testing.T, b builder, folder string, environment map[string]string) (all, own int64) {
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
	build, ok := debug.ReadBuildInfo()
	if !ok || build.Main.Path == "" {
		t.Fatal("the module of the test is not known")
	}
	packages := traced.FindAllSubmatch(printed, -1)
	for _, p := range packages {
		n, err := strconv.ParseInt(string(p[2]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		all += n
		if name := string(p[1]); name == "main" || strings.HasPrefix(name, build.Main.Path+"/") {
			own += n
		}
	}
	if len(packages) == 0 {
		t.Fatalf("%s told of no package: %s", folder, printed)
	}
	return all, own
}

// traced matches the line of a package
// (https://pkg.go.dev/runtime#hdr-Environment_Variables).
var traced = regexp.MustCompile(`(?m)^init (\S+) @.*, (\d+) bytes, \d+ allocs$`)

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

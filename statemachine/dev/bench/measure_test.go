package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ready returns a function that is built and has its event and environment.
func ready(t *testing.T, name string) subject {
	t.Helper()
	for _, s := range subjects() {
		if s.name == name {
			one := []subject{s}
			if err := prepare(t.Context(), testBuilder(t), one); err != nil {
				t.Fatal(err)
			}
			return one[0]
		}
	}
	t.Fatalf("no function %s", name)
	return subject{}
}

func testEndpoint(t *testing.T, local *authority) *endpoint {
	t.Helper()
	e, err := listen(nil, 0)
	if local != nil {
		e, err = listen(&local.certificate, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func TestMeasurementHasAllFigures(t *testing.T) {
	s := ready(t, trigger)
	c := conditions{endpoint: testEndpoint(t, nil), invocations: 5}
	got, err := c.measure(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range columns {
		if value := column.of(got); !(value > 0) {
			t.Errorf("%s of the trigger = %v, want more than nothing", column.Title, value)
		}
	}
	if got.Memory < 1 || got.Memory > 1000 || s.zip < 1<<20 {
		t.Errorf("the trigger has %v MB of memory and %d bytes of zip, which cannot be", got.Memory, s.zip)
	}
}

func TestFunctionThatDoesNotDoItsWorkIsNotMeasured(t *testing.T) {
	idle := ready(t, hello)
	idle.calls = []string{"StartExecution"}
	c := conditions{endpoint: testEndpoint(t, nil), invocations: 1}
	if _, err := c.measure(t.Context(), idle); err == nil || !strings.Contains(err.Error(), "map[StartExecution:2]") {
		t.Errorf("error %v, want one that names the calls that were not made", err)
	}
}

func TestCertificatesAreTrustedOnlyByThoseWhoHaveTheRoot(t *testing.T) {
	s := ready(t, sdkDefault)
	for _, reads := range []int{1, rootReads} {
		local, err := newAuthority(t.TempDir(), reads)
		if err != nil {
			t.Fatal(err)
		}
		c := conditions{endpoint: testEndpoint(t, &local), environment: local.environment(), invocations: 1}
		if _, err := c.measure(t.Context(), s); err != nil {
			t.Errorf("with the root, read %d times: %v", reads, err)
		}
		c.environment = nil
		if _, err := c.measure(t.Context(), s); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("without the root: error %v, want one about the certificate", err)
		}
	}
}

// TestShareHasTheProcessAndIsRemoved needs root. That the kernel keeps a quota is not
// tested here.
func TestShareHasTheProcessAndIsRemoved(t *testing.T) {
	group, err := newShare(128)
	if errors.Is(err, errNoShare) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := group.add(cmd.Process.Pid); err != nil {
		t.Error(err)
	}
	processes, err := os.ReadFile(filepath.Join(group.dir, "cgroup.procs"))
	if want := strconv.Itoa(cmd.Process.Pid); err != nil || strings.TrimSpace(string(processes)) != want {
		t.Errorf("processes %q, error %v; want %s", processes, err, want)
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	cmd.Wait() //nolint:errcheck // it was killed
	if err := group.Remove(); err != nil {
		t.Error(err)
	}
	if exists(group.dir) {
		t.Errorf("%s is still there", group.dir)
	}
}

func TestShareOfASmallFunction(t *testing.T) {
	if got, want := quotaOf(128), 1447*time.Microsecond; got != want {
		t.Errorf("128 MB have %v of %v, want %v", got, period, want)
	}
	if got := quotaOf(vcpuMB); got != period {
		t.Errorf("%d MB have %v of %v, want all", vcpuMB, got, period)
	}
}

package main

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ready returns a function that is built and has its event and environment.
func ready(t *testing.T, name string) subject {
	t.Helper()
	all, err := subjects(root)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s subject) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("no function %s", name)
	}
	binary, err := testBuilder(t).native(t.Context(), all[i].folder)
	if err != nil {
		t.Fatal(err)
	}
	all[i].command = []string{binary}
	return all[i]
}

func testBuilder(t *testing.T) builder {
	t.Helper()
	b, err := newBuilder(root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func testEndpoint(t *testing.T, secure bool) *endpoint {
	t.Helper()
	e := listen(secure)
	t.Cleanup(e.Close)
	return e
}

func TestMeasurementHasAllFigures(t *testing.T) {
	s := ready(t, trigger)
	c := conditions{endpoint: testEndpoint(t, false), invocations: 5}
	got, err := c.measure(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range []float64{got.Init, got.First, got.P50, got.CPU, got.Memory} {
		if !(value > 0) {
			t.Errorf("figure %d of the trigger is %v, want more than nothing", i, value)
		}
	}
	if got.Memory < 1 || got.Memory > 1000 {
		t.Errorf("the trigger has %v MB of memory, which cannot be", got.Memory)
	}
}

func TestFunctionThatDoesNotDoItsWorkIsNotMeasured(t *testing.T) {
	idle := ready(t, hello)
	idle.calls = []string{"states StartExecution"}
	c := conditions{endpoint: testEndpoint(t, false), invocations: 1}
	if _, err := c.measure(t.Context(), idle); err == nil || !strings.Contains(err.Error(), "not [states StartExecution]") {
		t.Errorf("error %v, want one that names the calls that were not made", err)
	}
	idle.isStep = true
	got, err := c.measure(t.Context(), idle)
	if err != nil || !(got.Init > 0) || !math.IsNaN(got.First) || !math.IsNaN(got.Memory) {
		t.Errorf("a step: %+v, error %v; want its init only", got, err)
	}
}

func TestCertificatesAreTrustedOnlyByThoseWhoHaveTheRoot(t *testing.T) {
	s := ready(t, sdkDefault)
	for _, reads := range []int{1, rootReads} {
		secure := testEndpoint(t, true)
		trusting, err := secure.trust(t.TempDir(), reads)
		if err != nil {
			t.Fatal(err)
		}
		c := conditions{endpoint: secure, environment: trusting, invocations: 1}
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
	processes, err := os.ReadFile(filepath.Join(string(group), "cgroup.procs"))
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
	if _, err := os.Stat(string(group)); err == nil {
		t.Errorf("%s is still there", group)
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

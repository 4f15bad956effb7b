package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Lambda gives a function CPU in proportion to its memory: at 1,769 MB one vCPU
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). It does so
// period by period; that a period has 20 ms was measured by others, and AWS does not
// say it.
const (
	vcpuMB = 1769
	period = 20 * time.Millisecond
	// smallest is the memory in MB by whose CPU share the TLS path is limited.
	smallest = 128
)

// quotaOf returns how much CPU time a function of that memory has in each period.
func quotaOf(memoryMB int) time.Duration {
	return (period * time.Duration(memoryMB) / vcpuMB).Truncate(time.Microsecond)
}

// share is the folder of a control group, whose processes have the CPU share of a
// function.
type share string

// errNoShare says that no control group can be made.
var errNoShare = errors.New("CPU shares take root, and the cpu controller of cgroups under /sys/fs/cgroup")

// newShare makes a group with the CPU share of a function of that memory. Remove
// removes it, after its processes have ended.
func newShare(memoryMB int) (share, error) {
	quota, of := strconv.FormatInt(quotaOf(memoryMB).Microseconds(), 10), strconv.FormatInt(period.Microseconds(), 10)
	base, files := "/sys/fs/cgroup/cpu", map[string]string{"cpu.cfs_period_us": of, "cpu.cfs_quota_us": quota}
	if _, err := os.Stat(base); err != nil { // version 2 of cgroups
		base, files = "/sys/fs/cgroup", map[string]string{"cpu.max": quota + " " + of}
		// It may be on already, and the write below tells if it is not.
		share(base).write("cgroup.subtree_control", "+cpu") //nolint:errcheck // see above
	}
	dir, err := os.MkdirTemp(base, "onboarding-bench-")
	for name, value := range files {
		err = errors.Join(err, share(dir).write(name, value))
	}
	if err != nil {
		os.Remove(dir) //nolint:errcheck // it may not be there
		return "", fmt.Errorf("%w: %w", errNoShare, err)
	}
	return share(dir), nil
}

func (s share) write(file, value string) error {
	if err := os.WriteFile(filepath.Join(string(s), file), []byte(value), 0); err != nil {
		return fmt.Errorf("set %s: %w", file, err)
	}
	return nil
}

// add puts a process and all its threads into the group.
func (s share) add(pid int) error { return s.write("cgroup.procs", strconv.Itoa(pid)) }

// Remove removes the group.
func (s share) Remove() error {
	if err := os.Remove(string(s)); err != nil {
		return fmt.Errorf("remove the control group: %w", err)
	}
	return nil
}

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
)

// quotaOf returns how much CPU time a function of that memory has in each period.
func quotaOf(memoryMB int) time.Duration {
	return (period * time.Duration(memoryMB) / vcpuMB).Truncate(time.Microsecond)
}

// share is a control group that its processes have the CPU share of a function in.
type share struct{ dir string }

// errNoShare says that no control group can be made.
var errNoShare = errors.New("CPU shares take root, and the cpu controller of cgroups under /sys/fs/cgroup")

const (
	cgroupV1 = "/sys/fs/cgroup/cpu"
	cgroupV2 = "/sys/fs/cgroup"
)

// newShare makes a group with the CPU share of a function of that memory. Remove
// removes it, after its processes have ended.
func newShare(memoryMB int) (*share, error) {
	base, files := cgroupV1, [][2]string{
		{"cpu.cfs_period_us", micros(period)}, {"cpu.cfs_quota_us", micros(quotaOf(memoryMB))},
	}
	if exists(filepath.Join(cgroupV2, "cgroup.subtree_control")) {
		base, files = cgroupV2, [][2]string{{"cpu.max", micros(quotaOf(memoryMB)) + " " + micros(period)}}
		// It may be on already, and the write below tells if it is not.
		os.WriteFile(filepath.Join(base, "cgroup.subtree_control"), []byte("+cpu"), 0) //nolint:errcheck // see above
	}
	dir, err := os.MkdirTemp(base, "onboarding-bench-")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoShare, err)
	}
	s := &share{dir}
	for _, file := range files {
		if err := s.write(file[0], file[1]); err != nil {
			return nil, fmt.Errorf("%w: %w", errNoShare, errors.Join(err, s.Remove()))
		}
	}
	return s, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func micros(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) }

func (s *share) write(file, value string) error {
	if err := os.WriteFile(filepath.Join(s.dir, file), []byte(value), 0); err != nil {
		return fmt.Errorf("set %s: %w", file, err)
	}
	return nil
}

// add puts a process and all its threads into the group.
func (s *share) add(pid int) error { return s.write("cgroup.procs", strconv.Itoa(pid)) }

// Remove removes the group.
func (s *share) Remove() error {
	if err := os.Remove(s.dir); err != nil {
		return fmt.Errorf("remove the control group: %w", err)
	}
	return nil
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// cpuTime returns the CPU time that all threads of a process have used. Linux counts
// it in nanoseconds: the first number of schedstat
// (https://docs.kernel.org/scheduler/sched-stats.html). Threads that ended are left
// out; those of Go and of Node.js live as long as the process.
func cpuTime(pid int) (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return 0, fmt.Errorf("process %d has no schedstat in /proc, which Linux keeps", pid)
	}
	var sum time.Duration
	for _, thread := range threads {
		line, err := os.ReadFile(thread)
		if err != nil {
			return 0, fmt.Errorf("CPU time of a thread: %w", err)
		}
		var used time.Duration
		if _, err := fmt.Sscan(string(line), &used); err != nil {
			return 0, fmt.Errorf("CPU time of a thread: %w", err)
		}
		sum += used
	}
	return sum, nil
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory returns how many bytes of memory a process has had resident at most.
func peakMemory(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("memory of a process: %w", err)
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0, fmt.Errorf("process %d has no VmHWM in /proc", pid)
	}
	kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
	return kilobytes << 10, err //nolint:wrapcheck // the kernel writes a number
}

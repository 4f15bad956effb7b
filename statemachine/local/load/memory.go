package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"example.com/onboarding/statemachine/local"
)

// What counts as flat: the median of the resident memory in the last third of the
// arrivals, the warm-up left out, is at most a tenth above that of the first third,
// or at most 4 MB: the heap of a Go process moves by as much between two collections.
const (
	sampleEvery = 500 * time.Millisecond
	warmUp      = 0.2 // of the arrivals
	// A function's process is warm after this many invocations: the memory of one
	// that is seldom needed still rises to what it works with.
	warmInvocations = 50
	tolerance       = 1.10
	leeway          = 4 << 20
	// fewestSamples is how many a process must have after the warm-up to be judged.
	fewestSamples = 30
)

// memory samples the resident memory of every process.
type memory struct {
	began time.Time
	end   func()
	done  chan struct{}

	mu        sync.Mutex
	processes map[int]*process
	until     time.Time // the last arrival; zero before it
	most      int       // function processes at a time
}

// process is what was seen of one process.
type process struct {
	name        string
	invocations int
	samples     []sample // a function's from when it was warm
}

type sample struct {
	at       time.Time
	resident int64 // bytes
}

// watchMemory samples until stop is called.
func watchMemory(aws *local.AWS, s *standIns) *memory {
	stopped := make(chan struct{})
	m := &memory{
		began: time.Now(), processes: make(map[int]*process), done: make(chan struct{}),
		end: sync.OnceFunc(func() { close(stopped) }),
	}
	go func() {
		defer close(m.done)
		ticker := time.NewTicker(sampleEvery)
		defer ticker.Stop()
		for {
			processes := aws.Processes()
			if s.cmd != nil {
				processes = append(processes, local.Process{PID: s.cmd.Process.Pid, Name: standInsName})
			}
			m.sample(processes)
			select {
			case <-ticker.C:
			case <-stopped:
				return
			}
		}
	}()
	return m
}

// stop ends the sampling.
func (m *memory) stop() {
	m.end()
	<-m.done
}

// arrived notes that the last user has arrived.
func (m *memory) arrived() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.until = time.Now()
}

func (m *memory) sample(processes []local.Process) {
	m.mu.Lock()
	defer m.mu.Unlock()
	functions := 0
	for _, now := range processes {
		bytes, err := resident(now.PID)
		if err != nil {
			continue // it has just ended, or this is not Linux
		}
		p := m.processes[now.PID]
		if p == nil {
			p = &process{name: now.Name}
			m.processes[now.PID] = p
		}
		function := isFunction(now.Name)
		if function {
			functions++
		}
		if p.invocations = now.Invocations; !function || p.invocations > warmInvocations {
			p.samples = append(p.samples, sample{time.Now(), bytes})
		}
	}
	m.most = max(m.most, functions)
}

// standInsName is the name of the process with the stand-ins.
const standInsName = "stand-ins"

func isFunction(name string) bool {
	return !slices.Contains([]string{local.GatewayProcess, local.MotoProcess, standInsName}, name)
}

// resident returns the resident memory of a process, as /proc of Linux has it.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, fmt.Errorf("memory of a process: %w", err)
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, errors.New("memory of a process: it has ended")
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("memory of a process: %w", err)
	}
	return pages * int64(os.Getpagesize()), nil
}

// hasProc reports whether this machine tells the memory of processes.
func hasProc() bool {
	_, err := os.Stat("/proc/self/statm")
	return !errors.Is(err, fs.ErrNotExist)
}

// growth is the memory of a process in the first and in the last third of the
// arrivals after the warm-up.
type growth struct {
	name        string
	first, last int64
	invocations int
	// judged is false for a process that was there, or warm, for too short a time.
	judged bool
}

// flat reports whether the process did not grow. The stand-ins keep every user, as
// AWS does: they are not judged.
func (g growth) flat() bool {
	return !g.judged || g.name == standInsName || g.last <= max(int64(float64(g.first)*tolerance), g.first+leeway)
}

// growths returns that of each process.
func (m *memory) growths() []growth {
	m.mu.Lock()
	defer m.mu.Unlock()
	from := m.began.Add(time.Duration(float64(m.until.Sub(m.began)) * warmUp))
	var all []growth
	for _, p := range m.processes {
		all = append(all, growthOf(*p, from, m.until))
	}
	return all
}

func growthOf(p process, from, until time.Time) growth {
	var values []int64
	for _, s := range p.samples {
		if s.at.After(from) && s.at.Before(until) {
			values = append(values, s.resident)
		}
	}
	g := growth{name: p.name, invocations: p.invocations, judged: len(values) >= fewestSamples}
	if third := len(values) / 3; third > 0 {
		g.first, g.last = median(values[:third]), median(values[len(values)-third:])
	}
	return g
}

func median(values []int64) int64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

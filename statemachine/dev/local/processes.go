package local

import "os"

// The names of the processes that are no functions.
const (
	GatewayProcess = "gateway" // this process
	MotoProcess    = "moto"
)

// Process is a process of the local AWS.
type Process struct {
	PID int
	// Name is one of those above, or the logical ID of a function.
	Name string
	// Invocations is how many a function's process has been given so far.
	Invocations int
}

// Processes returns the processes that run now.
func (a *AWS) Processes() []Process {
	logical := make(map[string]string)
	for id, name := range a.names {
		logical[name] = id
	}
	processes := []Process{{PID: os.Getpid(), Name: GatewayProcess}, {PID: a.moto.cmd.Process.Pid, Name: MotoProcess}}
	for _, p := range a.functions.Processes() {
		processes = append(processes, Process{p.PID, logical[p.Function], p.Invocations})
	}
	return processes
}

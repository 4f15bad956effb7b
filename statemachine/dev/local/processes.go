package local

// Process is a process of a function.
type Process struct {
	PID int
	// Function is the logical ID of the function.
	Function string
	// Invocations is how many it has been given so far.
	Invocations int
}

// Processes returns the processes of the functions that run now.
func (a *AWS) Processes() []Process {
	logical := make(map[string]string)
	for id, name := range a.names {
		logical[name] = id
	}
	var processes []Process
	for _, p := range a.functions.Processes() {
		processes = append(processes, Process{p.PID, logical[p.Function], p.Invocations})
	}
	return processes
}

// Package lambda runs function binaries the way AWS Lambda does: each in an
// execution environment of its own, driven over the Lambda Runtime API
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
//
// An environment serves one invocation at a time; another one starts when all
// are busy. A function that runs past its timeout is killed and answered with
// Sandbox.Timedout, one that exits with Runtime.ExitError. Not modelled are CPU
// shares, memory limits, the concurrency of a single function and the freezing of
// idle environments.
package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// initTimeout is how long a function may take until it asks for its first event
// (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
const initTimeout = 10 * time.Second

// ErrNoFunction says that no function of that name was registered.
var ErrNoFunction = errors.New("no such function")

// Function is what Lambda is told when a function is created.
type Function struct {
	Name, ARN string
	// Binary is the path of the executable, and Args what it is started with.
	Binary   string
	Args     []string
	Timeout  time.Duration
	MemoryMB int
	// Environment has the variables that the deployment gives the function;
	// Lambda's own are added to them.
	Environment map[string]string
}

// Result is the answer to an invocation.
type Result struct {
	Payload []byte
	// Failed says that the function returned an error, crashed or timed out;
	// Payload is then an object with errorType and errorMessage.
	Failed bool
	// Duration is how long the function had the event until it answered; zero if
	// it did not.
	Duration time.Duration
}

// Service runs the registered functions.
type Service struct {
	// Log is given each line that a function prints.
	Log func(function, line string)

	mu        sync.Mutex
	functions map[string]Function
	idle      map[string][]*environment
	all       map[*environment]bool
	closed    bool
}

// NewService returns a service without functions.
func NewService(log func(function, line string)) *Service {
	return &Service{
		Log:       log,
		functions: make(map[string]Function),
		idle:      make(map[string][]*environment),
		all:       make(map[*environment]bool),
	}
}

// Register makes a function known.
func (s *Service) Register(f Function) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.functions[f.Name] = f
}

// Invoke runs the named function with a payload and waits for its answer. That
// the function failed is part of the result; an error means that it could not be
// run at all.
func (s *Service) Invoke(ctx context.Context, name string, payload []byte) (Result, error) {
	for {
		env, err := s.take(name)
		if err != nil {
			return Result{}, err
		}
		result, err := env.invoke(ctx, payload)
		if errors.Is(err, errGone) {
			s.release(env)
			continue // it died while idle
		}
		if err != nil {
			env.stop()
			s.release(env)
			return Result{}, err
		}
		s.release(env)
		return result, nil
	}
}

// Process is a process of a function.
type Process struct {
	PID      int
	Function string
	// Invocations is how many it has been given so far.
	Invocations int
}

// Processes returns the processes that run.
func (s *Service) Processes() []Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Process
	for env := range s.all {
		found = append(found, Process{env.cmd.Process.Pid, env.function.Name, env.taken})
	}
	return found
}

// Kill kills the processes of a function, as a crash would; those that run an
// invocation included. It does not wait.
func (s *Service) Kill(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for env := range s.all {
		if env.function.Name == name {
			env.kill()
		}
	}
}

// Renew makes the next invocation of a function start a new process, of what the
// binary is by then. Processes without an invocation end now, others with their answer.
func (s *Service) Renew(name string) {
	s.mu.Lock()
	idle := s.idle[name]
	delete(s.idle, name)
	for env := range s.all {
		env.old = env.old || env.function.Name == name
	}
	s.mu.Unlock()
	for _, env := range idle {
		s.release(env)
	}
}

// Close stops all functions and waits until their processes are gone.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	environments := s.all
	s.all = make(map[*environment]bool)
	s.mu.Unlock()
	for env := range environments {
		env.stop()
	}
}

// take returns an idle environment of the function, or a new one.
func (s *Service) take(name string) (*environment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.functions[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNoFunction, name)
	}
	if s.closed {
		return nil, errors.New("the service is closed")
	}
	if n := len(s.idle[name]); n > 0 {
		env := s.idle[name][n-1]
		s.idle[name] = s.idle[name][:n-1]
		env.taken++
		return env, nil
	}
	env, err := startEnvironment(f, s.Log)
	if err != nil {
		return nil, err
	}
	env.taken = 1
	s.all[env] = true
	return env, nil
}

// release makes the environment idle, or forgets it if it has ended; it ends one that
// is old.
func (s *Service) release(env *environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if env.old {
		env.stop()
	}
	select {
	case <-env.exited:
		delete(s.all, env)
	default:
		s.idle[env.function.Name] = append(s.idle[env.function.Name], env)
	}
}

// failure is the answer of a function that could not answer itself.
func failure(errorType, requestID, message string) Result {
	payload, err := json.Marshal(map[string]string{
		"errorType":    errorType,
		"errorMessage": "RequestId: " + requestID + " Error: " + message,
	})
	if err != nil {
		panic(err) // a map of strings can be marshalled
	}
	return Result{Payload: payload, Failed: true}
}

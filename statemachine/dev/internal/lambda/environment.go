package lambda

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/onboarding/statemachine/dev/internal/uuid"
)

// errGone says that an environment ended before it took the invocation.
var errGone = errors.New("the environment is gone")

// environment is one process of a function, and the Runtime API it talks to.
type environment struct {
	function Function
	cmd      *exec.Cmd
	server   *http.Server
	// next hands an invocation to the process when it asks for one.
	next   chan *invocation
	exited chan struct{}
	// started is when the process was started. asked is closed when it asks for
	// its first event, at the time initialized.
	started     time.Time
	asked       chan struct{}
	askOnce     sync.Once
	initialized time.Time
	// taken counts the invocations, and old says that there may be no more; the
	// service's mu guards both.
	taken int
	old   bool

	mu      sync.Mutex
	current *invocation
}

type invocation struct {
	id      string
	trace   string
	payload []byte
	reply   chan Result
	// taken is when the process was given the event.
	taken time.Time
	// answered is set by the first answer; the environment's mu guards it.
	answered bool
}

func startEnvironment(f Function, log func(function, line string)) (*environment, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", f.Name, err)
	}
	env := &environment{function: f, next: make(chan *invocation), exited: make(chan struct{}), asked: make(chan struct{})}
	env.server = &http.Server{Handler: env.runtimeAPI(), ReadHeaderTimeout: initTimeout}
	go env.server.Serve(listener) //nolint:errcheck // it ends when the environment is stopped

	output := &lineWriter{emit: func(line string) { log(f.Name, line) }}
	env.cmd = exec.Command(f.Binary, f.Args...)
	env.cmd.Env = variables(f, listener.Addr().String())
	env.cmd.Stdout, env.cmd.Stderr = output, output
	env.started = time.Now()
	if err := env.cmd.Start(); err != nil {
		env.server.Close() //nolint:errcheck // the start's error is the one to tell
		return nil, fmt.Errorf("start %s: %w", f.Name, err)
	}
	go func() {
		env.cmd.Wait() //nolint:errcheck // that it ended is all there is to know
		output.flush()
		close(env.exited)
		env.server.Close() //nolint:errcheck // nobody is connected any more
	}()
	return env, nil
}

// variables returns Lambda's variables and the function's own
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
func variables(f Function, runtimeAPI string) []string {
	env := []string{
		"_HANDLER=bootstrap",
		"AWS_LAMBDA_RUNTIME_API=" + runtimeAPI,
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"PATH=/usr/local/bin:/usr/bin:/bin",
		"TZ=:UTC",
	}
	for key, value := range f.Environment {
		env = append(env, key+"="+value)
	}
	return env
}

// stop kills the process and waits until it is gone.
func (env *environment) stop() {
	env.kill()
	<-env.exited
}

func (env *environment) kill() {
	env.cmd.Process.Kill() //nolint:errcheck // it may be gone already
}

// invoke hands the payload to the process and waits for the answer, the
// function's timeout or the end of the process. It returns errGone if the process
// ended before it took the payload.
func (env *environment) invoke(ctx context.Context, payload []byte) (Result, error) {
	inv := &invocation{id: uuid.New(), trace: traceOf(ctx), payload: payload, reply: make(chan Result, 1)}
	initialized := time.NewTimer(initTimeout)
	defer initialized.Stop()
	select {
	case env.next <- inv:
	case <-env.exited:
		if env.ready() {
			return Result{}, errGone
		}
		return failure("Runtime.ExitError", inv.id, "Runtime exited during init: "+env.cmd.ProcessState.String()), nil
	case <-initialized.C:
		env.stop()
		return failure("Sandbox.Timedout", inv.id, fmt.Sprintf("Init timed out after %v", initTimeout)), nil
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	return env.await(ctx, inv)
}

func (env *environment) await(ctx context.Context, inv *invocation) (Result, error) {
	timeout := time.NewTimer(env.function.Timeout)
	defer timeout.Stop()
	select {
	case result := <-inv.reply:
		return result, nil
	case <-timeout.C:
		env.stop()
		return failure("Sandbox.Timedout", inv.id, fmt.Sprintf("Task timed out after %.2f seconds", env.function.Timeout.Seconds())), nil
	case <-env.exited:
		select {
		case result := <-inv.reply: // it answered, then exited, as after a panic
			return result, nil
		default:
		}
		return failure("Runtime.ExitError", inv.id, "Runtime exited with error: "+env.cmd.ProcessState.String()), nil
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// ready reports whether the process has taken an invocation before.
func (env *environment) ready() bool {
	env.mu.Lock()
	defer env.mu.Unlock()
	return env.current != nil
}

func (env *environment) runtimeAPI() http.Handler {
	const base = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"invocation/next", env.serveNext)
	mux.HandleFunc("POST "+base+"invocation/{id}/response", env.serveReply(false))
	mux.HandleFunc("POST "+base+"invocation/{id}/error", env.serveReply(true))
	mux.HandleFunc("POST "+base+"init/error", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted) // the process exits now
	})
	return mux
}

func (env *environment) serveNext(w http.ResponseWriter, r *http.Request) {
	env.askOnce.Do(func() {
		env.initialized = time.Now()
		close(env.asked)
	})
	select {
	case inv := <-env.next:
		taken := time.Now()
		deadline := taken.Add(env.function.Timeout)
		env.mu.Lock()
		inv.taken = taken
		env.current = inv
		env.mu.Unlock()
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		header.Set("Lambda-Runtime-Trace-Id", inv.trace)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", env.function.ARN)
		w.Write(inv.payload) //nolint:errcheck // a process that is gone is noticed by its exit
	case <-r.Context().Done():
	}
}

func (env *environment) serveReply(failed bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(r.Body)
		answered := time.Now()
		env.mu.Lock()
		defer env.mu.Unlock()
		inv := env.current
		if err != nil || inv == nil || inv.id != r.PathValue("id") || inv.answered {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		inv.answered = true
		inv.reply <- Result{Payload: payload, Failed: failed, Duration: answered.Sub(inv.taken)} // it has room for one
		w.WriteHeader(http.StatusAccepted)
	}
}

// lineWriter hands on what is written to it line by line.
type lineWriter struct {
	emit func(string)

	mu   sync.Mutex
	rest []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, p...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		w.emit(strings.TrimRight(string(line), "\r"))
		w.rest = rest
	}
}

// flush hands on a last line without an end.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rest) > 0 {
		w.emit(string(w.rest))
		w.rest = nil
	}
}

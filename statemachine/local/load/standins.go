package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"

	"example.com/onboarding/statemachine/local"
	"example.com/onboarding/statemachine/local/internal/engine"
	"example.com/onboarding/statemachine/local/internal/standin"
)

// standIns is a process that stands in for services, or none. It is one of its own
// because it keeps what the users leave behind: the gateway's memory shows the
// gateway's growth only.
type standIns struct {
	services []string
	cmd      *exec.Cmd
	stdin    io.Closer
	url      *url.URL
}

// startStandIns starts this program again as the stand-ins of the services.
func startStandIns(ctx context.Context, services []string) (*standIns, error) {
	s := &standIns{services: services}
	if len(services) == 0 || slices.Contains(services, "none") {
		s.services = nil
		return s, nil
	}
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("path of this program: %w", err)
	}
	s.cmd = exec.CommandContext(ctx, program, "stand-ins")
	s.cmd.Stderr = os.Stderr
	stdin, err1 := s.cmd.StdinPipe()
	stdout, err2 := s.cmd.StdoutPipe()
	if err := errors.Join(err1, err2, s.cmd.Start()); err != nil {
		return nil, fmt.Errorf("start the stand-ins: %w", err)
	}
	s.stdin = stdin
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		s.url, err = url.Parse(strings.TrimSpace(address))
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("address of the stand-ins: %w", err)
	}
	return s, nil
}

// options adds the stand-ins to the options of a local AWS.
func (s *standIns) options(o local.Options) local.Options {
	if s.cmd == nil {
		return o
	}
	if slices.Contains(s.services, "states") {
		o.Engine = s.url.String()
	}
	o.Services = func(moto http.Handler) http.Handler { return standin.NewRouter(moto, s.url, s.services) }
	return o
}

func (s *standIns) stop() {
	if s.cmd != nil {
		s.stdin.Close()      //nolint:errcheck // it ends with the process, if not by this
		s.cmd.Process.Kill() //nolint:errcheck // it may be gone already
		s.cmd.Wait()         //nolint:errcheck // killed is how it is meant to end
		s.cmd, s.services = nil, nil
	}
}

type standInCommand struct{}

// Run serves until the process that started it is gone, which closes standard input.
func (standInCommand) Run() error {
	signal.Ignore(os.Interrupt) // Ctrl-C goes to all of a terminal: the other process decides
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the stand-ins: %w", err)
	}
	states, services := engine.New(), standin.NewServer()
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AWSStepFunctions.") {
			states.ServeHTTP(w, r)
			return
		}
		services.ServeHTTP(w, r)
	})}
	go server.Serve(listener) //nolint:errcheck // it ends with the process
	fmt.Println("http://" + listener.Addr().String())
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // that it ended is all there is to know
	return nil
}

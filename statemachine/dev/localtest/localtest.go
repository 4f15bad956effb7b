// Package localtest starts a local AWS for the tests of a package.
package localtest

import (
	"context"
	"os"
	"sync"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
)

// Shared is the local AWS of all workflow tests of a package.
type Shared struct {
	Options local.Options

	once sync.Once
	aws  *local.AWS
	err  error
}

// Main runs the tests, and ends the local AWS if one of them started it. TestMain
// exits with what it returns.
func (s *Shared) Main(m *testing.M) (code int) {
	code = m.Run()
	s.Close()
	return code
}

// Close ends the local AWS if a test started it: a second one of a package, besides
// that of Main.
func (s *Shared) Close() {
	if s.aws != nil {
		s.aws.Close()
	}
}

// Require skips the test without WORKFLOW_TESTS, which make test sets: it needs what
// .ci/tools local installs.
func Require(t *testing.T) {
	t.Helper()
	if os.Getenv("WORKFLOW_TESTS") == "" { //nolint:forbidigo // a test has no main.go
		t.Skip("needs the local AWS: make test runs it")
	}
}

// Start returns the local AWS, as Require has it; an engine that does not start is
// a failure.
func (s *Shared) Start(t *testing.T) *local.AWS {
	t.Helper()
	Require(t)
	s.once.Do(func() { s.aws, s.err = local.Start(context.Background(), s.Options) })
	if s.err != nil {
		t.Fatalf("start the local AWS: %v", s.err)
	}
	return s.aws
}

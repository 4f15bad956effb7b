package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/localtest"
)

const buildFolder = "../../.local/ops-test"

// shared is the local AWS of all workflow tests. Its retries are as slow as on AWS,
// because doctor compares the definition; no test waits for one.
var shared = localtest.Shared{Options: local.Options{Root: "../..", Build: buildFolder}}

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

func startAWS(t *testing.T) *local.AWS {
	t.Helper()
	return shared.Start(t)
}

// command builds the command, and returns its path.
var command = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs(buildFolder + "/ops")
	if err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the command: %w\n%s", err, out)
	}
	return path, nil
})

// ops returns the command with its arguments and the environment of an operator.
func ops(t *testing.T, a *local.AWS, args ...string) *exec.Cmd {
	t.Helper()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+a.Endpoint, "AWS_REGION="+local.Region,
		"AWS_ACCESS_KEY_ID=ops", "AWS_SECRET_ACCESS_KEY=local")
	return cmd
}

// runOps runs the command to its end and checks its exit code.
func runOps(t *testing.T, a *local.AWS, wantCode int, args ...string) (stdout string) {
	t.Helper()
	cmd := ops(t, a, args...)
	var out, progress bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &progress
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != wantCode {
		t.Errorf("ops %s: exit code %d, want %d (%v)\n%s%s", strings.Join(args, " "), code, wantCode, err, &out, &progress)
	}
	if strings.Contains(out.String()+progress.String(), "@") {
		t.Errorf("ops %s prints an address:\n%s%s", strings.Join(args, " "), &out, &progress)
	}
	return out.String()
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// person is somebody who signed up.
type person struct {
	local.User

	sub string
}

func signUp(t *testing.T, a *local.AWS, name string) person {
	t.Helper()
	p := person{User: local.User{Email: name + "@example.com", Name: "Jane"}}
	var err error
	if p.sub, err = a.SignUp(t.Context(), p.User); err != nil {
		t.Fatal(err)
	}
	return p
}

// wait waits until the execution has the status.
func wait(t *testing.T, a *local.AWS, p person, want types.ExecutionStatus) local.Execution {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	e, err := a.WaitExecution(ctx, p.sub)
	if err != nil {
		t.Fatal(err)
	}
	if e.Status != want {
		t.Errorf("%s: %s after %v with %s, want %s", p.sub, e.Status, e.Path(), e.Error, want)
	}
	return e
}

func checkOnboardedOnce(t *testing.T, a *local.AWS, p person) {
	t.Helper()
	wait(t, a, p, types.ExecutionStatusSucceeded)
	groups, err := a.Groups(t.Context(), p.Email)
	if err != nil {
		t.Fatal(err)
	}
	events, err := a.Events(t.Context(), p.sub)
	if err != nil {
		t.Fatal(err)
	}
	if mails := len(a.Mails(p.Email)); !slices.Equal(groups, []string{"members"}) || mails != 1 || len(events) != 1 {
		t.Errorf("%s is in %v and got %d mails and %d events, want members, 1, 1", p.Email, groups, mails, len(events))
	}
}

// failWith makes every call of the action that is about the person fail, until the
// returned function is called.
func failWith(a *local.AWS, p person, action string, answer http.Handler) (mend func()) {
	return a.AddFault(func(c local.Call) http.Handler {
		body := string(c.Body)
		if c.Action == action && (strings.Contains(body, p.sub) || strings.Contains(body, url.QueryEscape(p.Email))) {
			return answer
		}
		return nil
	})
}

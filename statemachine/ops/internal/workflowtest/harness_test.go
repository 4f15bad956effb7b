// Package workflowtest_test runs the command against the local AWS.
package workflowtest_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/localtest"
	"example.com/onboarding/statemachine/internal/asl"
)

const (
	root        = "../../../.."
	buildFolder = root + "/.local/ops-test"
)

// shared is the local AWS of all workflow tests. Its retries are as slow as on AWS,
// because doctor compares the definition; no test waits for one.
var shared = localtest.Shared{Options: local.Options{
	Root: root, Build: buildFolder, Parameters: map[string]string{
		"SweepSince": "2000-01-01", // doctor warns without
		"ReplyTo":    replyTo,
	},
}}

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// subscribed makes somebody receive the alarms, as moto makes no subscription of a stack.
var subscribed sync.Once

func startAWS(t *testing.T) *local.AWS {
	t.Helper()
	a := shared.Start(t)
	subscribed.Do(func() {
		topic := a.Stack.AlarmTopicARN
		must[*sns.SubscribeOutput](t)(sns.NewFromConfig(a.Config()).Subscribe(t.Context(), &sns.SubscribeInput{
			TopicArn: &topic, Protocol: aws.String("email"), Endpoint: aws.String("alarms@onboarding.example"),
		}))
	})
	return a
}

// command builds the command, and returns its path.
var command = sync.OnceValues(func() (string, error) {
	path, err := filepath.Abs(buildFolder + "/ops")
	if err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", path, "../..").CombinedOutput(); err != nil {
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
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, args...) // it may be part of a cleanup
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

// wait waits until the execution has the status. A start that is deferred takes a moment.
func wait(t *testing.T, a *local.AWS, p person, want types.ExecutionStatus) local.Execution {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	e, err := a.WaitStarted(ctx, p.sub)
	if err != nil {
		t.Fatal(err)
	}
	if e.Status != want {
		t.Errorf("%s: %s after %v with %s, want %s", p.sub, e.Status, e.Path(), e.Error, want)
	}
	return e
}

// checkOnboardedOnce checks that each state of the definition succeeded once.
func checkOnboardedOnce(t *testing.T, a *local.AWS, p person) {
	t.Helper()
	var succeeded []string
	for _, attempt := range wait(t, a, p, types.ExecutionStatusSucceeded).Attempts {
		if attempt.Error == "" {
			succeeded = append(succeeded, attempt.State)
		}
	}
	if mails := len(a.Mails(p.Email)); !slices.Equal(succeeded, states(t)) || mails > 1 {
		t.Errorf("%s passed %v and got %d mails, want %v and one at the most", p.Email, succeeded, mails, states(t))
	}
}

// states are those of the definition, in the order of an execution.
func states(t *testing.T) []string {
	t.Helper()
	definition, err := asl.Read(statemachine.Definition)
	if err != nil {
		t.Fatal(err)
	}
	path, err := definition.Path()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// failAt makes every attempt of the person's execution at the state fail, until the
// returned function is called.
func failAt(a *local.AWS, p person, state, errorName string) (mend func()) {
	return a.AddFault(func(c local.Call) http.Handler {
		if c.Action != "Invoke" || c.Function != a.PhysicalID(state+"Function") || !strings.Contains(string(c.Body), p.sub) {
			return nil
		}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			fmt.Fprintf(w, `{"errorType":%q,"errorMessage":"planted"}`, errorName)
		})
	})
}

package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// atInit is the variable that chooses what the function does before it asks for
// its first event.
const atInit = "TEST_AT_INIT"

// TestMain makes the test binary the function too: it is one when it is started
// with the address of a Runtime API.
func TestMain(m *testing.M) {
	if _, ok := os.LookupEnv("AWS_LAMBDA_RUNTIME_API"); !ok { //nolint:forbidigo // this is the function's main
		os.Exit(m.Run())
	}
	switch os.Getenv(atInit) { //nolint:forbidigo // likewise
	case "exit":
		os.Exit(4)
	case "hang":
		fmt.Println("hanging", os.Getpid())
		time.Sleep(time.Hour)
	}
	runtime.Start(handle)
}

// command is the payload that chooses what the function does.
type command struct {
	Do   string
	Text string
	// Dir is where the functions of a meeting sign in, and Guests how many they
	// have to be.
	Dir    string
	Guests int
}

// report is what the function tells about itself.
type report struct {
	PID            int
	Environ        []string
	Deadline       time.Time
	Trace          string
	RequestID, ARN string
}

// quotaError is the outermost error; its cause must not show as the type.
type quotaError struct{ cause error }

func (e *quotaError) Error() string { return "quota: " + e.cause.Error() }

func (e *quotaError) Unwrap() error { return e.cause }

func handle(ctx context.Context, c command) (any, error) {
	switch c.Do {
	case "echo":
		return c.Text, nil
	case "report":
		return reportOf(ctx), nil
	case "fail":
		return nil, &quotaError{cause: errors.New(c.Text)}
	case "panic":
		panic(c.Text)
	case "exit":
		fmt.Print(c.Text)
		os.Exit(3)
	case "hold":
		fmt.Println("holding", os.Getpid())
		time.Sleep(time.Hour)
	case "print":
		printLines(c.Text)
		return nil, nil
	case "meet":
		return os.Getpid(), meet(ctx, c.Dir, c.Guests)
	}
	return nil, fmt.Errorf("no such command: %q", c.Do)
}

func reportOf(ctx context.Context) report {
	r := report{PID: os.Getpid(), Environ: os.Environ()}
	r.Trace, _ = ctx.Value("x-amzn-trace-id").(string) // as the X-Ray SDK reads it
	r.Deadline, _ = ctx.Deadline()
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.RequestID, r.ARN = lc.AwsRequestID, lc.InvokedFunctionArn
	}
	return r
}

// printLines prints a line in two pieces, a long one, one with a carriage return
// and one to standard error.
func printLines(long string) {
	fmt.Print("first ")
	fmt.Println("line")
	fmt.Println(long)
	fmt.Print("from Windows\r\n\n")
	fmt.Fprintln(os.Stderr, "an error")
}

// meet returns when that many processes are in it at the same time.
func meet(ctx context.Context, dir string, guests int) error {
	name := filepath.Join(dir, strconv.Itoa(os.Getpid()))
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	for ctx.Err() == nil {
		present, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("look who is here: %w", err)
		}
		if len(present) >= guests {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return ctx.Err()
}

func mustMarshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("marshal %+v: %v", v, err)
	}
	return data
}

func mustUnmarshal(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("unmarshal %s: %v", data, err)
	}
}

// variable returns what the environment of a report has under key.
func (r report) variable(key string) (string, bool) {
	for _, entry := range r.Environ {
		if value, ok := strings.CutPrefix(entry, key+"="); ok {
			return value, true
		}
	}
	return "", false
}

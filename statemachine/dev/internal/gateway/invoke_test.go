package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	lambdaclient "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"example.com/onboarding/statemachine/dev/internal/lambda"
)

const greetARN = "arn:aws:lambda:eu-west-1:123456789012:function:greet"

// TestMain makes the test binary the function too: it is one when it is started
// with the address of a Runtime API.
func TestMain(m *testing.M) {
	if _, ok := os.LookupEnv("AWS_LAMBDA_RUNTIME_API"); !ok { //nolint:forbidigo // this is the function's main
		os.Exit(m.Run())
	}
	runtime.Start(greet)
}

// guest is the payload of the function.
type guest struct {
	Name string
	// Until is a file that the function waits for.
	Until string
}

func greet(ctx context.Context, g guest) (string, error) {
	if g.Name == "" {
		return "", errors.New("nobody to greet")
	}
	if g.Name == "trace" {
		trace, _ := ctx.Value("x-amzn-trace-id").(string)
		return trace, nil
	}
	if g.Until != "" {
		fmt.Println("waiting")
	}
	for g.Until != "" && ctx.Err() == nil {
		if _, err := os.Stat(g.Until); err == nil {
			fmt.Println("done")
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return "Hello, " + g.Name, nil
}

func TestInvoke(t *testing.T) {
	l := startWithGreet(t)
	tests := []struct{ name, function, qualifier string }{
		{"name", "greet", ""},
		{"name and alias", "greet:live", ""},
		{"ARN", greetARN, ""},
		{"ARN with version", greetARN + ":$LATEST", ""},
		{"partial ARN", "123456789012:function:greet", ""},
		{"qualifier", "greet", "live"},
	}
	for _, tt := range tests {
		t.Run("by "+tt.name, func(t *testing.T) {
			in := &lambdaclient.InvokeInput{FunctionName: &tt.function, Payload: []byte(`{"Name":"Ann"}`)}
			if tt.qualifier != "" {
				in.Qualifier = &tt.qualifier
			}
			out, err := lambdaclient.NewFromConfig(l.config).Invoke(t.Context(), in)
			if err != nil {
				t.Fatalf("Invoke(%s, qualifier %q): %v", tt.function, tt.qualifier, err)
			}
			if string(out.Payload) != `"Hello, Ann"` || out.FunctionError != nil || out.StatusCode != http.StatusOK || aws.ToString(out.ExecutedVersion) != "$LATEST" {
				t.Errorf("Invoke(%s, qualifier %q) = %s, error %q, status %d, version %q; want %q, none, 200, $LATEST",
					tt.function, tt.qualifier, out.Payload, aws.ToString(out.FunctionError), out.StatusCode, aws.ToString(out.ExecutedVersion), `"Hello, Ann"`)
			}
		})
	}
	l.wantReached(t, l.backend)
}

func TestAccountSettingsTellTheConcurrency(t *testing.T) {
	l := start(t)
	out, err := lambdaclient.NewFromConfig(l.config).GetAccountSettings(t.Context(), &lambdaclient.GetAccountSettingsInput{})
	if err != nil {
		t.Fatal(err)
	}
	const want = 1000
	if got := out.AccountLimit; got.ConcurrentExecutions != want || *got.UnreservedConcurrentExecutions != want {
		t.Errorf("account limit %+v, want %d", got, want)
	}
}

func TestInvokeHandsTheTraceOn(t *testing.T) {
	l := startWithGreet(t)
	const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	client := lambdaclient.NewFromConfig(l.config, lambdaclient.WithAPIOptions(smithyhttp.AddHeaderValue(lambda.TraceHeader, trace)))
	out, err := client.Invoke(t.Context(), &lambdaclient.InvokeInput{FunctionName: aws.String("greet"), Payload: []byte(`{"Name":"trace"}`)})
	if err != nil || string(out.Payload) != `"`+trace+`"` {
		t.Errorf("the function saw the trace %s (error %v), want %s", out.Payload, err, trace)
	}
}

func TestInvokeFailure(t *testing.T) {
	t.Run("function returns an error", func(t *testing.T) {
		l := startWithGreet(t)
		out, err := l.invoke(t.Context(), "greet", `{}`)
		if err != nil || aws.ToString(out.FunctionError) != "Unhandled" || string(out.Payload) != `{"errorMessage":"nobody to greet","errorType":"errorString"}` {
			t.Errorf("Invoke(greet, {}) = %+v, %v; want the function's error, Unhandled", out, err)
		}
	})
	t.Run("no such function", func(t *testing.T) {
		l := startWithGreet(t)
		_, err := l.invoke(t.Context(), "nobody", `{}`)
		if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
			t.Errorf("Invoke(nobody) = %v; want a ResourceNotFoundException", err)
		}
		l.wantStatus(t, "Invoke", http.StatusNotFound)
	})
	t.Run("function cannot be started", func(t *testing.T) {
		l := start(t)
		l.functions.Register(lambda.Function{Name: "greet", Binary: t.TempDir() + "/bootstrap"})
		_, err := l.invoke(t.Context(), "greet", `{}`)
		if _, ok := errors.AsType[*types.ServiceException](err); !ok {
			t.Errorf("Invoke of a function without a binary = %v; want a ServiceException", err)
		}
	})
	t.Run("fault", func(t *testing.T) {
		l := startWithGreet(t)
		l.gateway.AddFault(on("Invoke", apiError("TooManyRequestsException")))
		_, err := l.invoke(t.Context(), "greet", `{"Name":"Ann"}`)
		if _, ok := errors.AsType[*types.TooManyRequestsException](err); !ok {
			t.Errorf("Invoke with a fault = %v; want a TooManyRequestsException", err)
		}
	})
}

func TestInvokeIsRecorded(t *testing.T) {
	l := startWithGreet(t)
	if _, err := l.invoke(t.Context(), "greet", `{"Name":"Ann"}`); err != nil {
		t.Fatalf("Invoke(greet): %v", err)
	}
	l.wantCall(t, "lambda", "Invoke", "AKIDTEST")
	if c := l.gateway.Calls(all)[0]; string(c.Body) != `{"Name":"Ann"}` || c.Status != http.StatusOK || string(c.Response) != `"Hello, Ann"` {
		t.Errorf("call with body %s, answered %d %s; want it with Ann, answered 200 with Hello", c.Body, c.Status, c.Response)
	}
}

func TestFunctionRunsOnWithoutItsCaller(t *testing.T) {
	l := startWithGreet(t)
	file := t.TempDir() + "/go-on"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		_, err := l.invoke(ctx, "greet", `{"Name":"Ann","Until":"`+file+`"}`)
		failed <- err
	}()
	l.waitForLine(t, "waiting")
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("Invoke of a caller that gave up = %v; want %v", err, context.Canceled)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatalf("let the function go on: %v", err)
	}
	l.waitForLine(t, "done")
}

func TestOtherCallsOfLambdaReachTheBackend(t *testing.T) {
	l := startWithGreet(t)
	if resp := l.post(t, "/2015-03-31/functions/greet/versions", http.NoBody, nil); resp.StatusCode != http.StatusOK {
		t.Errorf("publish version = %s; want 200", resp.Status)
	}
	if got := l.backend.requests(); len(got) != 1 || got[0].URL.Path != "/2015-03-31/functions/greet/versions" {
		t.Errorf("requests at the backend = %+v; want the one for versions", got)
	}
}

func startWithGreet(t *testing.T) *localAWS {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatalf("path of the test binary: %v", err)
	}
	l := start(t)
	l.functions.Register(lambda.Function{
		Name: "greet", ARN: greetARN, Binary: binary, Timeout: 30 * time.Second, MemoryMB: 128,
	})
	return l
}

func (l *localAWS) invoke(ctx context.Context, function, payload string) (*lambdaclient.InvokeOutput, error) {
	return lambdaclient.NewFromConfig(l.config).Invoke(ctx, &lambdaclient.InvokeInput{FunctionName: &function, Payload: []byte(payload)})
}

func (l *localAWS) waitForLine(t *testing.T, want string) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case line := <-l.lines:
			if line == want {
				return
			}
		case <-timeout:
			t.Fatalf("no line %q in 30 s", want)
		}
	}
}

// laterFunc is a fake Invoker.
type laterFunc func(function string, event []byte)

func (f laterFunc) Accept(function string, event []byte) { f(function, event) }

func TestEventIsAcceptedForLater(t *testing.T) {
	l := startWithGreet(t)
	var accepted []string
	l.gateway.Later = laterFunc(func(function string, event []byte) { accepted = append(accepted, function+" "+string(event)) })
	out, err := lambdaclient.NewFromConfig(l.config).Invoke(t.Context(), &lambdaclient.InvokeInput{
		FunctionName: aws.String(greetARN), InvocationType: types.InvocationTypeEvent, Payload: []byte(`{"Name":"Ann"}`),
	})
	if err != nil || out.StatusCode != http.StatusAccepted {
		t.Fatalf("%+v, %v", out, err)
	}
	if want := `greet {"Name":"Ann"}`; len(accepted) != 1 || accepted[0] != want {
		t.Errorf("accepted %q, want %s", accepted, want)
	}
	if calls := l.gateway.Calls(all); len(calls) > 0 {
		t.Errorf("calls %+v; each attempt is one, and there was none", calls)
	}
}

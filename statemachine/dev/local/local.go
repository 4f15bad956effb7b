// Package local is an AWS on this machine for the onboarding workflow, without
// Docker and without an account: the functions of template.yaml as real
// processes, a real Step Functions engine, and moto (https://docs.getmoto.org) in
// the place of the other services. What is deployed to it is template.yaml.
//
// One gateway is the endpoint of all services, so that every call can be seen,
// and failed on purpose.
package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	lambdaclient "github.com/aws/aws-sdk-go-v2/service/lambda"

	"example.com/onboarding/statemachine/dev/internal/async"
	"example.com/onboarding/statemachine/dev/internal/cognito"
	"example.com/onboarding/statemachine/dev/internal/eventsource"
	"example.com/onboarding/statemachine/dev/internal/gateway"
	"example.com/onboarding/statemachine/dev/internal/hooks"
	"example.com/onboarding/statemachine/dev/internal/lambda"
	"example.com/onboarding/statemachine/dev/internal/redrive"
	"example.com/onboarding/statemachine/dev/internal/ses"
)

// Region and account of the local AWS; those of Step Functions Local, too.
const (
	Region  = "us-east-1"
	account = "123456789012"
)

// Options says how to start.
type Options struct {
	// Root is the folder of template.yaml.
	Root string
	// Build is the folder that the functions are built into.
	Build string
	// Parameters are those of the template, besides ExistingUserPoolId.
	// SenderEmail has a default.
	Parameters map[string]string
	// Port is the gateway's; 0 for a free one.
	Port int
	// Engine is the address of another engine for the state machine, such as
	// Step Functions Local; empty for moto's. Its Lambda endpoint must be the
	// gateway.
	Engine string
	// FastRetries makes every retry wait a second, and lets the receipt of a mail take two.
	FastRetries bool
	// FunctionTimeout is the longest time-out of a function, whatever the
	// template says; 0 for no limit. For tests.
	FunctionTimeout time.Duration
	// Progress is told what is being done; it may be nil.
	Progress func(string)
}

// AWS is a running local AWS with the stack deployed.
type AWS struct {
	// Endpoint is the address of all services.
	Endpoint string
	Stack    Stack

	options   Options
	listener  net.Listener
	server    *http.Server
	gateway   *gateway.Gateway
	functions *lambda.Service
	moto      *moto
	// code is the state of the code that the functions were first built from.
	code uint64
	// template is what was deployed, and names are the physical IDs by logical ID.
	template template
	names    map[string]string
	// triggers are the functions that the template has the pool name, by their names
	// in its LambdaConfig.
	triggers map[string]string
	mappings *eventsource.Mappings
	mails    *ses.SES
	later    *async.Invoker
	// polling ends the polling of queues, and waits for it.
	polling func()
	// shipper puts the functions' lines into their log group; shipping ends that, and
	// waits for it.
	shipper  *shipper
	shipping func()

	watchers hooks.Hooks[func(LogLine)]

	mu   sync.Mutex
	logs []LogLine

	// handler is what Front put before the gateway.
	handler atomic.Pointer[http.Handler]
	refusal refusal
}

// LogLine is a line that a function printed.
type LogLine struct {
	Function, Text string
}

// Start builds the functions, starts the servers and deploys the template.
// Close ends what Start began, also after an error of Start.
func Start(ctx context.Context, o Options) (*AWS, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	a := &AWS{options: o}
	if err := a.start(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *AWS) start(ctx context.Context) error {
	if err := a.options.Check(ctx); err != nil {
		return err
	}
	translated := a.translate(ctx) // takes as long as the rest, so it runs beside it
	var err error
	if a.code, err = stateOf(a.options.Root); err != nil {
		return err
	}
	a.options.Progress("building the functions")
	built, err := build(ctx, a.options.Root, a.options.Build)
	if err != nil {
		return err
	}
	a.options.Progress("starting the services")
	if err := a.serve(ctx); err != nil {
		return err
	}
	a.options.Progress("deploying template.yaml")
	t := <-translated
	if t.err != nil {
		return t.err
	}
	return a.deploy(ctx, t.template, built)
}

type translation struct {
	template template
	err      error
}

func (a *AWS) translate(ctx context.Context) <-chan translation {
	done := make(chan translation, 1)
	go func() {
		t, err := readTemplate(ctx, a.tools(), a.options.Root)
		done <- translation{t, err}
	}()
	return done
}

// tools is the folder of the programs that .ci/tools installs.
func (a *AWS) tools() string { return filepath.Join(a.options.Root, ".tools", "local", "bin") }

func (a *AWS) serve(ctx context.Context) error {
	var err error
	if a.listener, err = listen(a.options.Port); err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(a.listener.Addr().String())
	if err != nil {
		return fmt.Errorf("port of the gateway: %w", err)
	}
	a.Endpoint = "http://127.0.0.1:" + port
	if a.moto, err = startMoto(ctx, a.tools(), a.options.Root, port); err != nil {
		return err
	}
	engine := a.moto.url
	if a.options.Engine != "" {
		if engine, err = engineAt(ctx, a.options.Engine); err != nil {
			return err
		}
	}
	a.shipper = newShipper(func(ctx context.Context, action string, in any) error {
		return a.backend(ctx, "logs", "Logs_20140328."+action, in, nil)
	})
	a.functions = lambda.NewService(func(function, line string) {
		a.addLog(function, line)
		a.shipper.add(function, line)
	})
	a.gateway = gateway.New(a.functions, a.moto.url, engine)
	if a.options.Engine == "" {
		a.gateway.Engine = redrive.Around(a.gateway.Engine)
	}
	backend := cognitoidentityprovider.NewFromConfig(a.backendConfig())
	a.gateway.Pools = &cognito.Fixed{Backend: backend}
	a.serveMails()
	a.mappings = eventsource.Around(a.mails)
	a.gateway.Backend = a.mappings
	a.serveEvents()
	a.gateway.Users = &cognito.Confirmations{
		Backend:   backend,
		Functions: lambdaclient.NewFromConfig(a.Config()),
		Region:    Region,
	}
	a.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.front().ServeHTTP(w, r) }), ReadHeaderTimeout: time.Minute}
	go a.server.Serve(a.listener) //nolint:errcheck // it ends with Close
	return nil
}

// engineAt returns the address as a URL, if somebody listens there.
func engineAt(ctx context.Context, address string) (*url.URL, error) {
	engine, err := url.Parse(address)
	if err != nil || engine.Scheme != "http" || engine.Port() == "" {
		return nil, fmt.Errorf("the engine's address %q is not like http://127.0.0.1:8083", address)
	}
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", engine.Host)
	if err != nil {
		return nil, fmt.Errorf("the engine does not answer: %w", err)
	}
	conn.Close() //nolint:errcheck // nothing was sent
	return engine, nil
}

// Close stops every process and server that Start began.
func (a *AWS) Close() {
	if a.polling != nil {
		a.polling()
	}
	if a.server != nil {
		a.server.Close() //nolint:errcheck // nothing is lost
	} else if a.listener != nil {
		a.listener.Close() //nolint:errcheck // likewise
	}
	if a.mails != nil {
		a.mails.Close()
		a.later.Close()
	}
	if a.functions != nil {
		a.functions.Close()
	}
	if a.shipping != nil {
		a.shipping()
	}
	if a.moto != nil {
		a.moto.stop()
	}
}

// Config returns the configuration for clients of the local AWS. They do not
// retry: an error here is to be seen.
func (a *AWS) Config() aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(a.Endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
		HTTPClient:   httpClient{},
	}
}

// QuietConfig is Config for clients whose calls leave no trace: they are not in Calls, no
// fault strikes them, and nobody who observes is told. Lambda cannot be invoked so.
func (a *AWS) QuietConfig() aws.Config {
	cfg := a.Config()
	cfg.HTTPClient = quietClient{a.gateway}
	return cfg
}

// backendConfig is for clients of moto itself, whose calls pass no gateway.
func (a *AWS) backendConfig() aws.Config {
	cfg := a.Config()
	cfg.BaseEndpoint = aws.String(a.moto.url.String())
	return cfg
}

// Logs returns what the functions have printed so far.
func (a *AWS) Logs() []LogLine {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]LogLine(nil), a.logs...)
}

// ObserveLogs has f told every line that a function prints from now on, until remove is
// called. The function waits meanwhile, and f may be called several times at once.
func (a *AWS) ObserveLogs(f func(LogLine)) (remove func()) { return a.watchers.Add(f) }

func (a *AWS) addLog(function, line string) {
	a.mu.Lock()
	a.logs = append(a.logs, LogLine{function, line})
	a.mu.Unlock()
	for _, f := range a.watchers.All() {
		f(LogLine{function, line})
	}
}

// Call is one API call that passed through the gateway.
type Call = gateway.Call

// Fault answers calls in the place of AWS: see AddFault.
type Fault = gateway.Fault

// APIError is the answer of a service of the JSON protocols; it can be what a
// Fault returns.
type APIError = gateway.APIError

// QueryError is the answer of a service of the Query protocol, such as SES.
type QueryError = gateway.QueryError

// Calls returns the calls so far that match, in the order of their answers.
func (a *AWS) Calls(match func(Call) bool) []Call { return a.gateway.Calls(match) }

// Observe has f told every call once it is answered, until remove is called. The
// caller waits meanwhile, and f may be called several times at once.
func (a *AWS) Observe(f func(Call)) (remove func()) { return a.gateway.Observe(f) }

// AddFault makes f decide about every call until remove is called.
func (a *AWS) AddFault(f Fault) (remove func()) { return a.gateway.AddFault(f) }

// Forward serves a call without regard to faults, so that a fault can let it have
// its effect before it fails.
func (a *AWS) Forward(w http.ResponseWriter, r *http.Request) { a.gateway.Forward(w, r) }

// Crash kills the processes of a function, named by its logical ID.
func (a *AWS) Crash(logicalID string) { a.functions.Kill(a.names[logicalID]) }

// eventually calls check every 50 ms until it is done or fails, or ctx ends.
func eventually(ctx context.Context, check func() (done bool, err error)) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		done, err := check()
		if done || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return errors.Join(errors.New("gave up waiting"), ctx.Err())
		}
	}
}

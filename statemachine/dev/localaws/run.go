package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/project"
)

type runCommand struct {
	Email    string        `help:"Mail address of the user." env:"EMAIL" default:"jane@example.com"`
	Name     string        `help:"Name of the user." env:"NAME" default:"Jane Doe"`
	Metadata string        `help:"Client metadata, as key=value pairs separated by commas." env:"METADATA" default:"campaign=readme,locale=en"`
	Event    string        `help:"File with a Cognito event to hand to the trigger instead of signing a user up." env:"EVENT" type:"existingfile"`
	Timeout  time.Duration `help:"How long to wait for the execution." default:"60s"`
}

// Run onboards one user and prints what happened.
func (c runCommand) Run(ctx context.Context, o *options) error {
	metadata, err := c.check()
	if err := errors.Join(err, o.local().Check(ctx)); err != nil || o.Check {
		return err
	}
	began := time.Now()
	aws, err := o.start(ctx)
	if err != nil {
		return err
	}
	defer aws.Close()
	fmt.Printf("local AWS   %s, ready after %.1f s\n", aws.Endpoint, time.Since(began).Seconds())
	if aws.Stack.Dropped != nil {
		fmt.Printf("            the engine does not know %s: left out for it\n", strings.Join(aws.Stack.Dropped, " and "))
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if c.Event != "" {
		return c.sendEvent(ctx, aws)
	}
	return c.signUp(ctx, aws, metadata)
}

// check returns the client metadata, or what is wrong with the user.
func (c runCommand) check() (map[string]string, error) {
	metadata, err := pairs(c.Metadata)
	if address, invalid := mail.ParseAddress(c.Email); invalid != nil || address.Address != c.Email {
		err = errors.Join(err, fmt.Errorf("EMAIL: %q is not like jane@example.com", c.Email))
	}
	return metadata, err
}

// signUp signs the user up, confirms, and shows what came of it.
func (c runCommand) signUp(ctx context.Context, aws *local.AWS, metadata map[string]string) error {
	user := local.User{Email: c.Email, Name: c.Name}
	sub, err := aws.SignUp(ctx, user)
	if err != nil {
		return err
	}
	fmt.Printf("signed up   %s, sub %s\n", c.Email, sub)
	began := time.Now()
	if err := aws.Confirm(ctx, user, metadata); err != nil {
		return err
	}
	fmt.Printf("confirmed   Cognito had its answer after %v, the trigger included\n", time.Since(began).Round(time.Millisecond))
	execution, err := aws.WaitExecution(ctx, sub)
	if err != nil {
		return errors.Join(err, errors.New("missing: an execution that ended. What the trigger printed:\n"+logsOf(aws, "Trigger")))
	}
	return errors.Join(printTimeline(os.Stdout, sub, execution), failure(execution), show(ctx, aws, sub, c.Email))
}

// printTimeline prints each attempt of each state: how it failed, or the step's result.
func printTimeline(w io.Writer, name string, e local.Execution) error {
	fmt.Fprintf(w, "execution   %s %s\n\n", name, e.Status)
	terminal := isTerminal(w)
	p, err := project.Read(".")
	if err != nil {
		return fmt.Errorf("names of the results: %w", err)
	}
	var output statemachine.State
	if e.Output != "" {
		if err := json.Unmarshal([]byte(e.Output), &output); err != nil {
			return fmt.Errorf("output of the execution: %w", err)
		}
	}
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "STATE\tATTEMPT\tDURATION\tRESULT")
	for _, a := range e.Attempts {
		result, m := a.Error, bad
		if result == "" {
			result, m = "succeeded", good
			if step, err := p.Step(a.State); err == nil && output.Results[step.Result] != nil {
				result, m = feed.Brief(output.Results[step.Result]), markOf(output.Results[step.Result])
			}
		}
		if terminal {
			result = m.on(true) + " " + result
		}
		fmt.Fprintf(table, "%s\t%d\t%v\t%s\n", a.State, a.Number, a.End.Sub(a.Start).Round(time.Millisecond), result)
	}
	table.Flush() //nolint:errcheck // standard output
	fmt.Fprintln(w)
	return nil
}

// failure returns what stopped the execution, or nil if nothing did.
func failure(e local.Execution) error {
	if e.Status == types.ExecutionStatusSucceeded {
		return nil
	}
	var cause struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(e.Cause), &cause) != nil {
		cause.ErrorMessage = e.Cause
	}
	path := e.Path()
	if len(path) == 0 {
		path = []string{"no state"}
	}
	return fmt.Errorf("the execution %s at %s with %s: %s", e.Status, path[len(path)-1], e.Error, cause.ErrorMessage)
}

// pairs parses "key=value,key=value".
func pairs(s string) (map[string]string, error) {
	m := make(map[string]string)
	if s == "" {
		return m, nil
	}
	for pair := range strings.SplitSeq(s, ",") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("METADATA: %q is not key=value", pair)
		}
		m[key] = value
	}
	return m, nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine/dev/local"
)

type runCommand struct {
	Email    string        `help:"Mail address of the user." env:"EMAIL" default:"jane@example.com"`
	Name     string        `help:"Name of the user." env:"NAME" default:"Jane Doe"`
	Metadata string        `help:"Client metadata, as key=value pairs separated by commas." env:"METADATA" default:"campaign=readme,locale=en"`
	Event    string        `help:"File with a Cognito event to hand to the trigger instead of signing a user up." env:"EVENT" type:"existingfile"`
	Timeout  time.Duration `help:"How long to wait for the execution." default:"60s"`
}

// mailFile is where the rendered mail goes.
const mailFile = ".local/welcome.html"

// Run onboards one user and prints what happened.
func (c runCommand) Run(ctx context.Context, o *options) error {
	metadata, err := pairs(c.Metadata)
	if err != nil {
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
	printTimeline(os.Stdout, sub, execution)
	return show(ctx, aws, sub, c.Email, execution)
}

// sendEvent hands the event to the trigger and shows the execution, if it started
// one.
func (c runCommand) sendEvent(ctx context.Context, aws *local.AWS) error {
	event, err := os.ReadFile(c.Event)
	if err != nil {
		return fmt.Errorf("read the event: %w", err)
	}
	answer, err := aws.InvokeTrigger(ctx, event)
	if err != nil {
		return err
	}
	fmt.Printf("trigger     returned %d bytes; the event has %d\n%s", len(answer), len(event), logsOf(aws, "Trigger"))
	names, err := aws.Executions(ctx)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Println("execution   none")
		return nil
	}
	execution, err := aws.WaitExecution(ctx, names[0])
	if err != nil {
		return err
	}
	printTimeline(os.Stdout, names[0], execution)
	return failure(execution)
}

func printTimeline(w io.Writer, name string, e local.Execution) {
	fmt.Fprintf(w, "execution   %s %s\n\n", name, e.Status)
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "STATE\tATTEMPT\tDURATION\tRESULT")
	for _, a := range e.Attempts {
		result := a.Error
		if result == "" {
			result = "succeeded"
		}
		fmt.Fprintf(table, "%s\t%d\t%v\t%s\n", a.State, a.Number, a.End.Sub(a.Start).Round(time.Millisecond), result)
	}
	table.Flush() //nolint:errcheck // standard output
	fmt.Fprintln(w)
}

// show prints the effects, and returns an error that names those that are missing.
func show(ctx context.Context, aws *local.AWS, sub, address string, execution local.Execution) error {
	missing := []error{failure(execution)}
	groups, err := aws.Groups(ctx, address)
	if err != nil || len(groups) == 0 {
		missing = append(missing, errors.Join(errors.New("missing: a group"), err))
	}
	fmt.Printf("groups      %s\n", strings.Join(groups, ", "))

	profile, err := aws.Profile(ctx, sub)
	if err != nil || profile == nil {
		missing = append(missing, errors.Join(errors.New("missing: the profile"), err))
	}
	fmt.Printf("profile     %s\n", compact(profile))

	mails := aws.Mails(address)
	if len(mails) == 1 {
		missing = append(missing, saveMail(mails[0]))
	} else {
		missing = append(missing, fmt.Errorf("missing: one mail; %d were sent", len(mails)))
	}
	events, err := aws.Events(ctx, sub)
	if err != nil || len(events) == 0 {
		missing = append(missing, errors.Join(errors.New("missing: the analytics event"), err))
	}
	for _, event := range events {
		fmt.Printf("event       %s\n", detail(event))
	}
	return errors.Join(missing...)
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

func saveMail(m local.Mail) error {
	if err := os.MkdirAll(filepath.Dir(mailFile), 0o755); err != nil {
		return fmt.Errorf("folder for the mail: %w", err)
	}
	if err := os.WriteFile(mailFile, []byte(m.HTML), 0o644); err != nil {
		return fmt.Errorf("save the mail: %w", err)
	}
	fmt.Printf("mail        from %s to %s: %q; open %s in a browser\n", m.From, m.To, m.Subject, mailFile)
	return nil
}

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// detail returns the detail of an event, or all of it if it has none.
func detail(event string) string {
	var e struct{ Detail json.RawMessage }
	if json.Unmarshal([]byte(event), &e) != nil || e.Detail == nil {
		return event
	}
	return string(e.Detail)
}

func logsOf(aws *local.AWS, function string) string {
	var text strings.Builder
	for _, line := range aws.Logs() {
		if strings.Contains(line.Function, function) {
			text.WriteString("            " + line.Text + "\n")
		}
	}
	return text.String()
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

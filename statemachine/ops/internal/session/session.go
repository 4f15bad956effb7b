// Package session holds what every command of ops runs with: where it reads and
// prints, how it finds a stack's resources, and how it asks and ends.
package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/term"
)

// Session is what a command runs with.
type Session struct {
	Config aws.Config
	Stdin  io.Reader
	// Terminal says whether somebody at Stdin can be asked.
	Terminal       bool
	Stdout, Stderr io.Writer
	Now            func() time.Time
}

// New returns a session of this process's standard input.
func New(cfg aws.Config, stdout, stderr io.Writer) *Session {
	return &Session{Config: cfg, Stdin: os.Stdin, Terminal: IsTerminal(os.Stdin), Stdout: stdout, Stderr: stderr, Now: time.Now}
}

// IsTerminal takes a reader or a writer.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Flags are the flags of redrive.
type Flags struct {
	StateMachine  string `placeholder:"ARN" help:"ARN of the state machine."`
	Stack         string `placeholder:"NAME" help:"Name of the stack; its outputs name the state machine and the user pool."`
	DryRun        bool   `help:"Say what would be done, and do nothing."`
	JSON          bool   `name:"json" help:"Print one JSON document instead of tables."`
	ShowUsernames bool   `help:"Name users by their usernames too, which may be personal data. By default they are named by their execution, which is their sub."`
}

// StateMachineARN returns the ARN of the state machine that the flags name.
func (f Flags) StateMachineARN(ctx context.Context, s *Session) (string, error) {
	if f.StateMachine != "" {
		return f.StateMachine, nil
	}
	if f.Stack == "" {
		return "", errors.New("which state machine? Give --stack or --state-machine")
	}
	return s.Output(ctx, f.Stack, "StateMachineArn")
}

// Output reads an output of a stack.
func (s *Session) Output(ctx context.Context, stack, key string) (string, error) {
	described, err := s.Stack(ctx, stack)
	for _, o := range described.Outputs {
		if aws.ToString(o.OutputKey) == key {
			return aws.ToString(o.OutputValue), nil
		}
	}
	if err == nil {
		err = fmt.Errorf("stack %s has no output %s", stack, key)
	}
	return "", err
}

// Stack describes a stack.
func (s *Session) Stack(ctx context.Context, name string) (types.Stack, error) {
	out, err := cloudformation.NewFromConfig(s.Config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		return types.Stack{}, fmt.Errorf("describe stack %s: %w", name, err)
	}
	if len(out.Stacks) != 1 {
		return types.Stack{}, fmt.Errorf("there are %d stacks %s", len(out.Stacks), name)
	}
	return out.Stacks[0], nil
}

// PrintJSON prints one JSON document.
func (s *Session) PrintJSON(v any) {
	encoder := json.NewEncoder(s.Stdout)
	encoder.SetIndent("", "  ")
	encoder.Encode(v) //nolint:errcheck,errchkjson // standard output
}

// PrintTable prints rows under a header; the header alone is not printed.
func (s *Session) PrintTable(header []any, rows [][]any) {
	if len(rows) == 0 {
		return
	}
	table := tabwriter.NewWriter(s.Stdout, 0, 0, 3, ' ', 0)
	for _, row := range append([][]any{header}, rows...) {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(table, "\t")
			}
			if cell == "" {
				cell = "-"
			}
			fmt.Fprint(table, cell)
		}
		fmt.Fprintln(table)
	}
	table.Flush() //nolint:errcheck // standard output
	fmt.Fprintln(s.Stdout)
}

package main

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
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// session is what a command runs with.
type session struct {
	config         aws.Config
	executions     executionsAPI
	users          usersAPI
	pools          poolsAPI
	functions      permissionsAPI
	stdin          io.Reader
	terminal       bool // whether somebody at stdin can be asked
	stdout, stderr io.Writer
	now            func() time.Time
}

func newSession(cfg aws.Config, stdout, stderr io.Writer) *session {
	return &session{
		config: cfg, executions: sfn.NewFromConfig(cfg), users: cognitoidentityprovider.NewFromConfig(cfg),
		pools: cognitoidentityprovider.NewFromConfig(cfg, wholePools), functions: lambda.NewFromConfig(cfg),
		stdin: os.Stdin, terminal: isTerminal(os.Stdin),
		stdout: stdout, stderr: stderr, now: time.Now,
	}
}

// common are the flags of redrive and backfill.
type common struct {
	StateMachine  string `placeholder:"ARN" help:"ARN of the state machine."`
	Stack         string `placeholder:"NAME" help:"Name of the stack; its outputs name the state machine and the user pool."`
	DryRun        bool   `help:"Say what would be done, and do nothing."`
	JSON          bool   `name:"json" help:"Print one JSON document instead of tables."`
	ShowUsernames bool   `help:"Name users by their usernames too, which may be personal data. By default they are named by their execution, which is their sub."`
}

func (c common) stateMachineARN(ctx context.Context, s *session) (string, error) {
	if c.StateMachine != "" {
		return c.StateMachine, nil
	}
	if c.Stack == "" {
		return "", errors.New("which state machine? Give --stack or --state-machine")
	}
	return s.output(ctx, c.Stack, "StateMachineArn")
}

// output reads an output of a stack.
func (s *session) output(ctx context.Context, stack, key string) (string, error) {
	out, err := cloudformation.NewFromConfig(s.config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil {
		return "", fmt.Errorf("describe stack %s: %w", stack, err)
	}
	for _, found := range out.Stacks {
		for _, o := range found.Outputs {
			if aws.ToString(o.OutputKey) == key {
				return aws.ToString(o.OutputValue), nil
			}
		}
	}
	return "", fmt.Errorf("stack %s has no output %s", stack, key)
}

func (s *session) printJSON(v any) {
	encoder := json.NewEncoder(s.stdout)
	encoder.SetIndent("", "  ")
	encoder.Encode(v) //nolint:errcheck,errchkjson // standard output
}

// printTable prints rows under a header; the header alone is not printed.
func (s *session) printTable(header []any, rows [][]any) {
	if len(rows) == 0 {
		return
	}
	table := tabwriter.NewWriter(s.stdout, 0, 0, 3, ' ', 0)
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
	fmt.Fprintln(s.stdout)
}

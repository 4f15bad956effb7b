package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/local"
)

// Execution is one in a list.
type Execution struct {
	Name, Status   string
	Started, Ended time.Time
	Redriven       int32
	Sub, User      string // whose it is, as far as the page knows
	Error, Message string
	Redrivable     bool
}

// Run is an execution with what happened in it.
type Run struct {
	Execution

	Attempts      []feed.Event // those that ended, and the one that has begun
	Graph         Graph
	Input, Output string
}

// Executions implements cloud: the latest ones.
func (b *backend) Executions(ctx context.Context) ([]Execution, error) {
	out, err := sfn.NewFromConfig(b.aws.QuietConfig()).ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: &b.aws.Stack.StateMachineARN, MaxResults: most,
	})
	if err != nil {
		return nil, fmt.Errorf("list the executions: %w", err)
	}
	var list []Execution
	for _, e := range out.Executions {
		list = append(list, Execution{
			Name: aws.ToString(e.Name), Status: string(e.Status), Started: aws.ToTime(e.StartDate),
			Ended: aws.ToTime(e.StopDate), Redriven: aws.ToInt32(e.RedriveCount),
		})
	}
	slices.SortStableFunc(list, func(a, b Execution) int { return b.Started.Compare(a.Started) })
	return list, nil
}

// Execution implements cloud.
func (b *backend) Execution(ctx context.Context, name string) (Run, error) {
	client, arn := sfn.NewFromConfig(b.aws.QuietConfig()), b.aws.ExecutionARN(name)
	out, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if _, missing := errors.AsType[*types.ExecutionDoesNotExist](err); missing {
		return Run{}, errNone
	}
	if err != nil {
		return Run{}, fmt.Errorf("describe the execution: %w", err)
	}
	history, err := local.History(ctx, client, arn)
	if err != nil {
		return Run{}, err
	}
	machine, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: out.StateMachineArn})
	if err != nil {
		return Run{}, fmt.Errorf("describe the state machine: %w", err)
	}
	run := Run{
		Execution: Execution{
			Name: name, Status: string(out.Status), Started: aws.ToTime(out.StartDate), Ended: aws.ToTime(out.StopDate),
			Redriven: aws.ToInt32(out.RedriveCount), Redrivable: out.RedriveStatus == types.ExecutionRedriveStatusRedrivable,
		},
		Input: aws.ToString(out.Input), Output: aws.ToString(out.Output),
	}
	run.tell(feed.OfHistory(arn, history))
	run.Graph, err = graph(aws.ToString(machine.Definition), run)
	if err != nil {
		return Run{}, err
	}
	run.Sub, run.User = b.owner(ctx, run.Input)
	return run, nil
}

// owner returns the sub in an execution's input, and what the user is called.
func (b *backend) owner(ctx context.Context, input string) (sub, called string) {
	var in statemachine.Input
	if json.Unmarshal([]byte(input), &in) != nil {
		return "", ""
	}
	user, err := b.user(ctx, in.Sub)
	if errors.Is(err, errNone) {
		return "", "a deleted user"
	}
	if err != nil {
		return in.Sub, in.Sub // the address is missing, and nothing else
	}
	return user.Sub, user.Name()
}

// tell takes up what happened in the execution.
func (r *Run) tell(events []feed.Event) {
	for _, e := range events {
		switch e.Kind {
		case feed.AttemptStarted:
			r.Attempts = append(r.Attempts, e)
		case feed.AttemptSucceeded, feed.AttemptFailed:
			if n := len(r.Attempts); n > 0 {
				e.Time = r.Attempts[n-1].Time // when it began
				r.Attempts[n-1] = e
			}
		case feed.Ended:
			r.Error, r.Message = e.Error, e.Message
		case feed.Redriven:
			r.Error, r.Message = "", ""
		}
	}
}

// Redrive implements cloud.
func (b *backend) Redrive(ctx context.Context, name string) error {
	_, err := sfn.NewFromConfig(b.aws.Config()).RedriveExecution(ctx, &sfn.RedriveExecutionInput{
		ExecutionArn: aws.String(b.aws.ExecutionARN(name)),
	})
	if err != nil {
		return fmt.Errorf("redrive: %w", err)
	}
	return nil
}

// name gives executions the names of their users, and users their latest executions.
// The first execution of a user has the sub for a name, and a later one begins with it.
func name(users []User, executions []Execution) {
	for i := range users {
		users[i].claim(executions)
	}
}

func (u *User) claim(executions []Execution) {
	for i, e := range executions {
		if u.Sub == "" || !strings.HasPrefix(e.Name, u.Sub) {
			continue
		}
		e.Sub, e.User = u.Sub, u.Name()
		executions[i] = e
		if u.Execution.Name == "" {
			u.Execution = e
		}
	}
}

// of returns the executions of a user.
func of(u User, executions []Execution) []Execution {
	u.claim(executions)
	return slices.DeleteFunc(executions, func(e Execution) bool { return e.Sub != u.Sub || e.Sub == "" })
}

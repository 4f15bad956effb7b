// Package person finds one user, and what a stack knows of that user, for the commands
// that are about one.
package person

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// Flags are the flags of the commands that are about one user.
type Flags struct {
	User  string `arg:"" help:"The user's sub, mail address or username."`
	Stack string `required:"" placeholder:"NAME" help:"Name of the stack."`
	JSON  bool   `name:"json" help:"Print one JSON document instead of text."`
}

// Open returns what is known of the user that the flags name, and where the stack has it.
func (f Flags) Open(ctx context.Context, s *session.Session) (Stack, *Person, error) {
	k, err := ReadStack(ctx, s, f.Stack)
	if err != nil {
		return Stack{}, nil, err
	}
	p, err := NewFinder(s.Config, k).Find(ctx, f.User)
	return k, p, err
}

// Stack is where to look for what is known of users.
type Stack struct {
	Name string
	// Machine is the ARN of the state machine, Alias what executions are started with.
	Machine, Alias string
	Pool           string
	// Records and Profiles are the names of tables; a stack whose definition saves no
	// profiles has none.
	Records, Profiles string
	// HasAnalytics says that UserOnboarded events are kept in a log group.
	HasAnalytics bool
	// LogDays is how many days logs are kept; empty if the stack does not say it.
	LogDays string
}

// ReadStack reads where the stack has what it knows.
func ReadStack(ctx context.Context, s *session.Session, name string) (Stack, error) {
	described, err := s.Stack(ctx, name)
	if err != nil {
		return Stack{}, err
	}
	outputs := make(map[string]string)
	for _, o := range described.Outputs {
		outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	for _, key := range []string{"StateMachineArn", "StateMachineAliasArn", "UserPoolId", "RecordTableName"} {
		if outputs[key] == "" {
			return Stack{}, fmt.Errorf("stack %s has no output %s: deploy this version of the template first", name, key)
		}
	}
	k := Stack{
		Name: name, Machine: outputs["StateMachineArn"], Alias: outputs["StateMachineAliasArn"], Pool: outputs["UserPoolId"],
		Records: outputs["RecordTableName"], Profiles: outputs["ProfileTableName"], HasAnalytics: outputs["AnalyticsLogGroupName"] != "",
	}
	for _, p := range described.Parameters {
		if aws.ToString(p.ParameterKey) == "LogRetentionDays" {
			k.LogDays = aws.ToString(p.ParameterValue)
		}
	}
	return k, nil
}

// Command is the command line of a command about a user, named by the key.
func (k Stack) Command(name, user string) string {
	return "go run ./statemachine/ops " + name + " " + user + " --stack " + k.Name
}

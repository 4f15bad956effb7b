package local

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// Refusable are the services that can be refused to the functions.
var Refusable = []string{"ses", "cognito-idp", "events", "dynamodb", "states", "sqs"}

// refusal is what is refused.
type refusal struct {
	service atomic.Value // a string

	mu sync.Mutex // one change at a time
	// definition is that of the state machine as it was deployed; empty before the first
	// change.
	definition string
}

// Refused is the service that is refused; empty if none is.
func (a *AWS) Refused() string {
	service, _ := a.refusal.service.Load().(string)
	return service
}

// Refuse refuses all calls of one service to the functions from now on, as if they lacked
// the permission; none if it is empty. Meanwhile the retries of executions that start
// wait a second, so that they stop soon.
func (a *AWS) Refuse(ctx context.Context, service string) error {
	if service != "" && !slices.Contains(Refusable, service) {
		return fmt.Errorf("the service %q cannot be refused: one of %s can", service, strings.Join(Refusable, ", "))
	}
	a.refusal.mu.Lock()
	defer a.refusal.mu.Unlock()
	if service == a.Refused() {
		return nil
	}
	if err := a.hurry(ctx, service != ""); err != nil {
		return err
	}
	a.refusal.service.Store(service)
	return nil
}

// hurry makes retries wait a second, or as long as before.
func (a *AWS) hurry(ctx context.Context, fast bool) error {
	machines := sfn.NewFromConfig(a.QuietConfig())
	if a.refusal.definition == "" {
		out, err := machines.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &a.Stack.StateMachineARN})
		if err != nil {
			return fmt.Errorf("describe the state machine: %w", err)
		}
		a.refusal.definition = *out.Definition
		a.AddFault(a.refuse)
	}
	d, err := parseDefinition(a.refusal.definition)
	if err != nil {
		return err
	}
	if fast {
		d.hurryRetries()
	}
	_, err = machines.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{
		StateMachineArn: &a.Stack.StateMachineARN, Definition: aws.String(d.String()),
	})
	if err != nil {
		return fmt.Errorf("update the state machine: %w", err)
	}
	return nil
}

// refuse is the fault.
func (a *AWS) refuse(c Call) http.Handler {
	const message = "not authorized to perform this action"
	switch {
	case c.Service == "" || c.Service != a.Refused() || !strings.HasSuffix(c.AccessKeyID, "Function"):
		return nil
	case c.Service == "ses":
		return &QueryError{Status: http.StatusForbidden, Code: "AccessDenied", Message: message}
	}
	return &APIError{Status: http.StatusBadRequest, Code: "AccessDeniedException", Message: message}
}

package workflowtest_test

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/dev/local"
)

// background is for cleanups, which run when the context of the test has ended.
var background = context.Background()

func (p planter) switchOff() {
	functions := lambda.NewFromConfig(p.aws.Config())
	function := p.physical(states(p.T)[0] + "Function")
	must[*lambda.PutFunctionConcurrencyOutput](p.T)(functions.PutFunctionConcurrency(p.Context(), &lambda.PutFunctionConcurrencyInput{
		FunctionName: function, ReservedConcurrentExecutions: aws.Int32(0),
	}))
	p.Cleanup(func() {
		must[*lambda.DeleteFunctionConcurrencyOutput](p.T)(functions.DeleteFunctionConcurrency(background, &lambda.DeleteFunctionConcurrencyInput{FunctionName: function}))
	})
}

// send puts a message into the queue that is no start, and so stays there.
func (p planter) send(queue string) {
	p.Helper()
	queues := sqs.NewFromConfig(p.aws.Config())
	url := p.physical(queue)
	must[*sqs.SendMessageOutput](p.T)(queues.SendMessage(p.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("{}")}))
	p.Cleanup(func() {
		must[*sqs.PurgeQueueOutput](p.T)(queues.PurgeQueue(background, &sqs.PurgeQueueInput{QueueUrl: url}))
	})
}

func (p planter) disableMapping() {
	functions := lambda.NewFromConfig(p.aws.Config())
	mappings := must[*lambda.ListEventSourceMappingsOutput](p.T)(functions.ListEventSourceMappings(p.Context(), &lambda.ListEventSourceMappingsInput{})).EventSourceMappings
	enable := func(ctx context.Context, enabled bool) {
		must[*lambda.UpdateEventSourceMappingOutput](p.T)(functions.UpdateEventSourceMapping(ctx, &lambda.UpdateEventSourceMappingInput{UUID: mappings[0].UUID, Enabled: &enabled}))
	}
	enable(p.Context(), false)
	p.Cleanup(func() { enable(background, true) })
}

func (p planter) changeDefinition() {
	machines := sfn.NewFromConfig(p.aws.Config())
	arn := p.physical("OnboardingStateMachine")
	was := must[*sfn.DescribeStateMachineOutput](p.T)(machines.DescribeStateMachine(p.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: arn})).Definition
	changed := strings.Replace(*was, `"TimeoutSeconds":`, `"TimeoutSeconds":1`, 1)
	if changed == *was {
		p.Fatalf("nothing to change in %s", *was)
	}
	must[*sfn.UpdateStateMachineOutput](p.T)(machines.UpdateStateMachine(p.Context(), &sfn.UpdateStateMachineInput{StateMachineArn: arn, Definition: aws.String(changed)}))
	p.Cleanup(func() {
		must[*sfn.UpdateStateMachineOutput](p.T)(machines.UpdateStateMachine(background, &sfn.UpdateStateMachineInput{StateMachineArn: arn, Definition: was}))
	})
}

func (p planter) stopExecution() {
	who := signUp(p.T, p.aws, "stops")
	mend := failAt(p.aws, who, states(p.T)[0], "ConfigurationError")
	if err := p.aws.Confirm(p.Context(), who.User, nil); err != nil {
		p.Fatal(err)
	}
	wait(p.T, p.aws, who, sfntypes.ExecutionStatusFailed)
	p.Cleanup(func() {
		mend()
		must[*sfn.RedriveExecutionOutput](p.T)(sfn.NewFromConfig(p.aws.Config()).RedriveExecution(background, &sfn.RedriveExecutionInput{
			ExecutionArn: aws.String(p.aws.ExecutionARN(who.sub)),
		}))
		ctx, cancel := context.WithTimeout(background, time.Minute)
		defer cancel()
		if e, err := p.aws.WaitExecution(ctx, who.sub); err != nil || e.Status != sfntypes.ExecutionStatusSucceeded {
			p.Errorf("redriven: %s, %v", e.Status, err)
		}
	})
}

func (p planter) stopSweep() {
	machines := sfn.NewFromConfig(p.aws.Config())
	start := func(name string) *string {
		return must[*sfn.StartExecutionOutput](p.T)(machines.StartExecution(background, &sfn.StartExecutionInput{
			StateMachineArn: p.physical("SweepStateMachine"), Name: &name, Input: aws.String("{}"),
		})).ExecutionArn
	}
	held := p.aws.AddFault(func(c local.Call) http.Handler { // so that it does not end before
		if c.Action != "ListUsers" {
			return nil
		}
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	})
	must[*sfn.StopExecutionOutput](p.T)(machines.StopExecution(p.Context(), &sfn.StopExecutionInput{ExecutionArn: start("stopped")}))
	held()
	p.Cleanup(func() {
		arn := start("not-stopped")
		waitFor(p.T, func() bool {
			return must[*sfn.DescribeExecutionOutput](p.T)(machines.DescribeExecution(background, &sfn.DescribeExecutionInput{ExecutionArn: arn})).Status == sfntypes.ExecutionStatusSucceeded
		})
	})
}

package local

import (
	"context"
	"fmt"
	"path"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/dev/internal/eventsource"
)

// mapQueues polls the queues that the template maps to functions.
func (a *AWS) mapQueues(t template, physical map[string]string) error {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	a.polling = func() {
		cancel()
		running.Wait()
	}
	for id, resource := range t.Resources {
		if resource.Type != "AWS::Lambda::EventSourceMapping" {
			continue
		}
		var properties struct {
			EventSourceArn map[string][]string
			FunctionName   map[string]string
			BatchSize      int32
		}
		if err := t.properties(id, &properties); err != nil {
			return err
		}
		queue, function := properties.EventSourceArn["Fn::GetAtt"], properties.FunctionName["Ref"]
		if len(queue) != 2 || function == "" {
			return fmt.Errorf("%s does not name a queue by GetAtt and a function by Ref", id)
		}
		mapping := &eventsource.Queue{
			Messages: sqs.NewFromConfig(a.Config()), Functions: lambda.NewFromConfig(a.Config()),
			URL: physical[queue[0]], ARN: queueARN(physical[queue[0]]), Function: physical[function], BatchSize: properties.BatchSize,
			FunctionARN: "arn:aws:lambda:" + Region + ":" + account + ":function:" + physical[function],
			Report:      func(err error) { a.addLog(id, err.Error()) },
		}
		if a.options.FastRetries {
			mapping.RetryAfter = time.Second
		}
		a.mappings.Add(mapping)
		running.Go(func() { mapping.Poll(ctx) })
	}
	return nil
}

// queueARN returns the ARN of the queue with that URL.
func queueARN(url string) string {
	return "arn:aws:sqs:" + Region + ":" + account + ":" + path.Base(url)
}

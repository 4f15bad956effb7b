package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type queuesAPI interface {
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// checkDeferred checks that no start waits to be repeated. That some do is their
// way, and no fault; but they should not for long.
func checkDeferred(ctx context.Context, api queuesAPI, k *stack) ([]Finding, error) {
	n, _, err := messages(ctx, api, k, "DeferredStartQueue")
	if err != nil || n == 0 {
		return nil, err
	}
	function, err := k.physical("StartDeferredFunction")
	if err != nil {
		return nil, err
	}
	group := cmp.Or(k.outputs["FunctionLogGroupName"], "/aws/lambda/"+function) // one for all functions, or its own
	return []Finding{warning(fmt.Sprintf("starts that failed in the trigger, and are repeated every three minutes for a day: %d", n),
		"aws logs tail --since 10m "+quote(group)+"   # says why, if they do not get fewer")}, nil
}

// checkDeadLetters checks that no start was given up.
func checkDeadLetters(ctx context.Context, api queuesAPI, k *stack) ([]Finding, error) {
	n, url, err := messages(ctx, api, k, "DeferredStartDeadLetterQueue")
	if err != nil || n == 0 {
		return nil, err
	}
	to, err := k.physical("DeferredStartQueue")
	if err != nil {
		return nil, err
	}
	return []Finding{fault(fmt.Sprintf("starts that were given up, whose users are not onboarded: %d", n),
		"aws sqs start-message-move-task --source-arn "+k.queueARN(url)+" --destination-arn "+k.queueARN(to)+"   # once StartExecution works again")}, nil
}

// checkUndelivered checks that the analytics log group has all events. A stack may
// have been deployed without it.
func checkUndelivered(ctx context.Context, api queuesAPI, k *stack) ([]Finding, error) {
	n, url, err := messages(ctx, api, k, "AnalyticsDeadLetterQueue")
	if _, none := errors.AsType[*noResourceError](err); none {
		return []Finding{fine("the stack has no queue for them")}, nil
	}
	if err != nil || n == 0 {
		return nil, err
	}
	return []Finding{warning(fmt.Sprintf("events that are missing in the analytics log group: %d", n),
		"aws sqs receive-message --queue-url "+url+" --message-attribute-names All --visibility-timeout 0 --query 'Messages[].MessageAttributes'"+
			"   # says why; statemachine/RUNBOOK.md, Analytics undelivered, writes them to the group")}, nil
}

// messages returns about how many messages a queue has, and the queue's URL. The age
// of the oldest is to be had from CloudWatch only, minutes late.
func messages(ctx context.Context, api queuesAPI, k *stack, logicalID string) (n int, url string, err error) {
	if url, err = k.physical(logicalID); err != nil {
		return 0, "", err
	}
	names := []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}
	out, err := api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return 0, "", fmt.Errorf("get attributes of the queue %s: %w", logicalID, err)
	}
	for _, name := range names {
		m, err := strconv.Atoi(out.Attributes[string(name)])
		if err != nil {
			return 0, "", fmt.Errorf("%s of the queue %s: %w", name, logicalID, err)
		}
		n += m
	}
	return n, url, nil
}

// checkMapping checks that Lambda hands the deferred starts to their function.
func checkMapping(ctx context.Context, api lambda.ListEventSourceMappingsAPIClient, k *stack) ([]Finding, error) {
	function, err := k.physical("StartDeferredFunction")
	if err != nil {
		return nil, err
	}
	url, err := k.physical("DeferredStartQueue")
	if err != nil {
		return nil, err
	}
	queue := k.queueARN(url)
	out, err := api.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{FunctionName: &function, EventSourceArn: &queue})
	if err != nil {
		return nil, fmt.Errorf("list event source mappings: %w", err)
	}
	if len(out.EventSourceMappings) == 0 {
		return []Finding{fault("the queue of deferred starts is mapped to no function: nothing repeats them",
			"aws lambda create-event-source-mapping --event-source-arn "+queue+" --function-name "+quote(function)+
				" --batch-size 10 --function-response-types ReportBatchItemFailures --scaling-config MaximumConcurrency=2")}, nil
	}
	m := out.EventSourceMappings[0]
	// The other states are on the way to Enabled
	// (https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html).
	switch state := aws.ToString(m.State); state {
	case "Disabled", "Disabling", "Deleting":
		return []Finding{fault("the mapping of the queue of deferred starts is "+state+": nothing repeats them",
			"aws lambda update-event-source-mapping --enabled --uuid "+aws.ToString(m.UUID))}, nil
	}
	return nil, nil
}

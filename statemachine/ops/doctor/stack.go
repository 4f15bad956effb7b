package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"example.com/onboarding/statemachine/ops/internal/session"
)

// stack is what CloudFormation knows of the deployed stack.
type stack struct {
	name                string
	id                  arn.ARN // has partition, Region and account
	status              types.StackStatus
	created             time.Time
	parameters, outputs map[string]string
	resources           []types.StackResource
}

// readStack reads the stack. DescribeStackResources gives 100 resources at most;
// the template has fewer than 50
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html).
func readStack(ctx context.Context, s *session.Session, name string) (*stack, error) {
	described, err := s.Stack(ctx, name)
	if err != nil {
		return nil, err
	}
	id, err := arn.Parse(aws.ToString(described.StackId))
	if err != nil {
		return nil, fmt.Errorf("ID of stack %s: %w", name, err)
	}
	k := &stack{name: name, id: id, status: described.StackStatus, created: aws.ToTime(described.CreationTime), parameters: make(map[string]string), outputs: make(map[string]string)}
	for _, p := range described.Parameters {
		k.parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, o := range described.Outputs {
		k.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	for _, key := range []string{"UserPoolId", "TriggerFunctionArn"} {
		if k.outputs[key] == "" {
			return nil, fmt.Errorf("stack %s has no output %s: it was not made from this template", name, key)
		}
	}
	resources, err := cloudformation.NewFromConfig(s.Config).DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &name})
	if err != nil {
		return nil, fmt.Errorf("describe the resources of stack %s: %w", name, err)
	}
	k.resources = resources.StackResources
	return k, nil
}

// noResourceError says that the stack has no resource of that logical ID, as one
// that was deployed from another version of the template.
type noResourceError struct{ stack, logicalID string }

func (e *noResourceError) Error() string {
	return "the stack " + e.stack + " has no resource " + e.logicalID + ": another version is deployed"
}

// physical returns the physical ID of a resource: the URL of a queue, the ARN of a
// state machine, the name of anything else.
func (k *stack) physical(logicalID string) (string, error) {
	for _, r := range k.resources {
		if aws.ToString(r.LogicalResourceId) == logicalID {
			return aws.ToString(r.PhysicalResourceId), nil
		}
	}
	return "", &noResourceError{k.name, logicalID}
}

// isNamed reports whether a physical ID is that of one of the resources.
func (k *stack) isNamed(physicalID string, logicalIDs ...string) bool {
	return slices.ContainsFunc(k.resources, func(r types.StackResource) bool {
		return aws.ToString(r.PhysicalResourceId) == physicalID && slices.Contains(logicalIDs, aws.ToString(r.LogicalResourceId))
	})
}

// ofType returns all resources of a type.
func (k *stack) ofType(resourceType string) []types.StackResource {
	return slices.DeleteFunc(slices.Clone(k.resources), func(r types.StackResource) bool { return aws.ToString(r.ResourceType) != resourceType })
}

// arn returns the ARN of something in the stack's account and Region.
func (k *stack) arn(service, resource string) string {
	return arn.ARN{Partition: k.id.Partition, Service: service, Region: k.id.Region, AccountID: k.id.AccountID, Resource: resource}.String()
}

// consoles are the hosts of the console where there are user pools, but for the
// Region, by partition: as in the template's mapping.
var consoles = map[string]string{
	"aws": "console.aws.amazon.com", "aws-us-gov": "console.amazonaws-us-gov.com", "aws-eusc": "console.amazonaws-eusc.eu",
}

// console returns the address of the console, without a page.
func (k *stack) console() string { return "https://" + k.id.Region + "." + consoles[k.id.Partition] }

func (k *stack) poolARN() string { return k.arn("cognito-idp", "userpool/"+k.outputs["UserPoolId"]) }

// queueARN returns the ARN of the queue with that URL.
func (k *stack) queueARN(url string) string {
	return k.arn("sqs", url[strings.LastIndexByte(url, '/')+1:])
}

// groupRules returns the parameter GroupRules; a stack without it has no rules.
func (k *stack) groupRules() string {
	if rules, found := k.parameters["GroupRules"]; found {
		return rules
	}
	return "[]"
}

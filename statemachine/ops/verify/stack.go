package verify

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"example.com/onboarding/statemachine/ops/internal/person"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// stack is what CloudFormation knows of the deployed stack.
type stack struct {
	person.Stack

	id                  arn.ARN // has partition, Region and account
	parameters, outputs map[string]string
	resources           []types.StackResource
}

// readStack reads the stack; see doctor for how many resources there may be.
func readStack(ctx context.Context, s *session.Session, name string) (*stack, error) {
	known, err := person.ReadStack(ctx, s, name)
	if err != nil {
		return nil, err
	}
	described, err := s.Stack(ctx, name)
	if err != nil {
		return nil, err
	}
	k := &stack{Stack: known, parameters: make(map[string]string), outputs: make(map[string]string)}
	if k.id, err = arn.Parse(aws.ToString(described.StackId)); err != nil {
		return nil, fmt.Errorf("ID of stack %s: %w", name, err)
	}
	for _, p := range described.Parameters {
		k.parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, o := range described.Outputs {
		k.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	resources, err := cloudformation.NewFromConfig(s.Config).DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &name})
	if err != nil {
		return nil, fmt.Errorf("describe the resources of stack %s: %w", name, err)
	}
	k.resources = resources.StackResources
	return k, nil
}

// physical returns the physical ID of a resource; empty if the stack has no such.
func (k *stack) physical(logicalID string) string {
	for _, r := range k.resources {
		if aws.ToString(r.LogicalResourceId) == logicalID {
			return aws.ToString(r.PhysicalResourceId)
		}
	}
	return ""
}

// ofType returns the physical IDs of all resources of a type, by their logical IDs.
func (k *stack) ofType(resourceType string) map[string]string {
	ids := make(map[string]string)
	for _, r := range k.resources {
		if aws.ToString(r.ResourceType) == resourceType {
			ids[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
		}
	}
	return ids
}

// arn returns the ARN of something in the stack's account and Region.
func (k *stack) arn(service, resource string) string {
	return arn.ARN{Partition: k.id.Partition, Service: service, Region: k.id.Region, AccountID: k.id.AccountID, Resource: resource}.String()
}

package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudformationtypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

type rulesAPI interface {
	DescribeRule(context.Context, *eventbridge.DescribeRuleInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeRuleOutput, error)
	ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error)
}

// checkEvents checks that every rule of EventBridge that the stack has delivers its
// events.
func checkEvents(ctx context.Context, api rulesAPI, k *stack) ([]Finding, error) {
	rules := k.ofType("AWS::Events::Rule")
	if len(rules) == 0 {
		return []Finding{fine("the stack has none")}, nil
	}
	var found []Finding
	for _, r := range rules {
		one, err := checkRule(ctx, api, k, r)
		found = append(found, one...)
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// checkRule checks a rule. One with a log group of its name, such as AnalyticsRule
// with AnalyticsLogGroup, delivers there; any other one delivers somewhere.
func checkRule(ctx context.Context, api rulesAPI, k *stack, r cloudformationtypes.StackResource) ([]Finding, error) {
	rule := aws.ToString(r.PhysicalResourceId)
	described, err := api.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &rule})
	if err != nil {
		return nil, fmt.Errorf("describe the rule %s: %w", rule, err)
	}
	var found []Finding
	if described.State != types.RuleStateEnabled {
		found = append(found, fault(fmt.Sprintf("the rule %s is %s: its events are lost", rule, described.State), "aws events enable-rule --name "+quote(rule)))
	}
	targets, err := api.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: &rule})
	if err != nil {
		return found, fmt.Errorf("list the targets of %s: %w", rule, err)
	}
	logicalID := strings.TrimSuffix(aws.ToString(r.LogicalResourceId), "Rule") + "LogGroup"
	group, err := k.physical(logicalID)
	arn := k.arn("logs", "log-group:"+group)
	switch {
	case err != nil && len(targets.Targets) == 0:
		found = append(found, fault("the rule "+rule+" has no target: its events are lost", mendDeleted))
	case err == nil && !slices.ContainsFunc(targets.Targets, func(t types.Target) bool { return strings.TrimSuffix(aws.ToString(t.Arn), ":*") == arn }):
		found = append(found, fault("the rule "+rule+" does not deliver to the log group "+group+": its events are lost",
			"aws events put-targets --rule "+quote(rule)+" --targets "+quote("Id="+logicalID+",Arn="+arn)))
	}
	return found, nil
}

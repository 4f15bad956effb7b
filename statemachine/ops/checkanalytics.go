package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

type rulesAPI interface {
	DescribeRule(context.Context, *eventbridge.DescribeRuleInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeRuleOutput, error)
	ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error)
}

// checkAnalytics checks that the UserOnboarded events are delivered to their log
// group.
func checkAnalytics(ctx context.Context, api rulesAPI, k *stack) ([]finding, error) {
	rule, err := k.physical("AnalyticsRule")
	if err != nil {
		return nil, err
	}
	group, err := k.physical("AnalyticsLogGroup")
	if err != nil {
		return nil, err
	}
	described, err := api.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &rule})
	if err != nil {
		return nil, fmt.Errorf("describe the rule %s: %w", rule, err)
	}
	var found []finding
	if described.State != types.RuleStateEnabled {
		found = append(found, fault(fmt.Sprintf("the rule %s is %s: analytics events are lost", rule, described.State), "aws events enable-rule --name "+quote(rule)))
	}
	targets, err := api.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: &rule})
	if err != nil {
		return found, fmt.Errorf("list the targets of %s: %w", rule, err)
	}
	arn := k.arn("logs", "log-group:"+group)
	if !slices.ContainsFunc(targets.Targets, func(t types.Target) bool { return strings.TrimSuffix(aws.ToString(t.Arn), ":*") == arn }) {
		found = append(found, fault("the rule "+rule+" does not deliver to the log group "+group+": analytics events are lost",
			"aws events put-targets --rule "+quote(rule)+" --targets "+quote("Id=AnalyticsLogGroup,Arn="+arn)))
	}
	return found, nil
}

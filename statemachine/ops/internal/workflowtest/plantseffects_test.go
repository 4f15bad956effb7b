package workflowtest_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
)

func (p planter) deleteTable() {
	tables := dynamodb.NewFromConfig(p.aws.Config())
	name := p.physical("DeliveryTable")
	was := must[*dynamodb.DescribeTableOutput](p.T)(tables.DescribeTable(p.Context(), &dynamodb.DescribeTableInput{TableName: name})).Table
	must[*dynamodb.UpdateTableOutput](p.T)(tables.UpdateTable(p.Context(), &dynamodb.UpdateTableInput{TableName: name, DeletionProtectionEnabled: aws.Bool(false)}))
	must[*dynamodb.DeleteTableOutput](p.T)(tables.DeleteTable(p.Context(), &dynamodb.DeleteTableInput{TableName: name}))
	p.Cleanup(func() {
		must[*dynamodb.CreateTableOutput](p.T)(tables.CreateTable(background, &dynamodb.CreateTableInput{
			TableName: name, KeySchema: was.KeySchema, AttributeDefinitions: was.AttributeDefinitions, BillingMode: was.BillingModeSummary.BillingMode,
			DeletionProtectionEnabled: aws.Bool(true),
		}))
	})
}

func (p planter) deleteIdentity() {
	mail := sesv2.NewFromConfig(p.aws.Config())
	must[*sesv2.DeleteEmailIdentityOutput](p.T)(mail.DeleteEmailIdentity(p.Context(), &sesv2.DeleteEmailIdentityInput{EmailIdentity: aws.String(sender)}))
	p.Cleanup(func() {
		must[*sesv2.CreateEmailIdentityOutput](p.T)(mail.CreateEmailIdentity(background, &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String(sender)}))
	})
}

func (p planter) disableRule() {
	rules := eventbridge.NewFromConfig(p.aws.Config())
	rule := p.physical("AnalyticsRule")
	must[*eventbridge.DisableRuleOutput](p.T)(rules.DisableRule(p.Context(), &eventbridge.DisableRuleInput{Name: rule}))
	p.Cleanup(func() {
		must[*eventbridge.EnableRuleOutput](p.T)(rules.EnableRule(background, &eventbridge.EnableRuleInput{Name: rule}))
	})
}

func (p planter) removeTarget() {
	rules := eventbridge.NewFromConfig(p.aws.Config())
	rule := p.physical("AnalyticsRule")
	targets := must[*eventbridge.ListTargetsByRuleOutput](p.T)(rules.ListTargetsByRule(p.Context(), &eventbridge.ListTargetsByRuleInput{Rule: rule})).Targets
	must[*eventbridge.RemoveTargetsOutput](p.T)(rules.RemoveTargets(p.Context(), &eventbridge.RemoveTargetsInput{Rule: rule, Ids: []string{*targets[0].Id}}))
	p.Cleanup(func() {
		must[*eventbridge.PutTargetsOutput](p.T)(rules.PutTargets(background, &eventbridge.PutTargetsInput{Rule: rule, Targets: targets}))
	})
}

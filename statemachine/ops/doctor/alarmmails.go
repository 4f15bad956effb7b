package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// checkAlarmMails checks that somebody receives the alarms: that a subscription of their
// topic is confirmed. What is not has a word in the place of its ARN
// (https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html).
func checkAlarmMails(ctx context.Context, api sns.ListSubscriptionsByTopicAPIClient, k *stack) ([]Finding, error) {
	topic, err := k.physical("AlarmTopic")
	if err != nil {
		return nil, err
	}
	waiting := 0
	for pages := sns.NewListSubscriptionsByTopicPaginator(api, &sns.ListSubscriptionsByTopicInput{TopicArn: &topic}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list subscriptions: %w", err)
		}
		for _, s := range page.Subscriptions {
			if strings.HasPrefix(aws.ToString(s.SubscriptionArn), "arn:") {
				return nil, nil
			}
			waiting++
		}
	}
	if waiting > 0 {
		return []Finding{warning("nobody receives the alarms: their subscriptions are not confirmed", "open the link in the mail that SNS sent to AlarmEmail; it is sent again by deleting the subscription and making it anew")}, nil
	}
	return []Finding{warning("nobody receives the alarms: their topic has no subscription",
		"deploy with AlarmEmail, or aws sns subscribe --protocol email --notification-endpoint ADDRESS --topic-arn "+topic)}, nil
}

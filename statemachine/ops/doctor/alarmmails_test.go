package doctor

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// subscriptions are the ARNs of a topic's, each on a page of its own; nil is denied.
type subscriptions []string

func (s subscriptions) ListSubscriptionsByTopic(_ context.Context, in *sns.ListSubscriptionsByTopicInput, _ ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error) {
	if s == nil {
		return nil, opstest.APIError("AuthorizationError")
	}
	page, _ := strconv.Atoi(aws.ToString(in.NextToken))
	out := new(sns.ListSubscriptionsByTopicOutput)
	if page < len(s) {
		out.Subscriptions = []types.Subscription{{SubscriptionArn: &s[page]}}
	}
	if page+1 < len(s) {
		out.NextToken = aws.String(strconv.Itoa(page + 1))
	}
	return out, nil
}

func TestAlarmsThatNobodyReceives(t *testing.T) {
	confirmed := "arn:aws:sns:us-east-1:123456789012:alarms:1"
	for _, test := range []struct {
		name string
		api  subscriptions
		want string
	}{
		{"a confirmed one", subscriptions{confirmed}, ""},
		{"a confirmed one on a later page", subscriptions{"PendingConfirmation", confirmed}, ""},
		{"one that waits", subscriptions{"PendingConfirmation"}, "warning: nobody receives the alarms: their subscriptions are not confirmed"},
		{"one that was deleted", subscriptions{"Deleted"}, "not confirmed"},
		{"none", subscriptions{}, "aws sns subscribe --protocol email --notification-endpoint ADDRESS --topic-arn arn:aws:sns:us-east-1:123456789012:alarms"},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, err := checkAlarmMails(t.Context(), test.api, healthyStack())
			if got := summary(t, found); err != nil || (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("found %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if _, err := checkAlarmMails(t.Context(), subscriptions(nil), healthyStack()); err == nil {
		t.Error("a denied call is no error")
	}
}

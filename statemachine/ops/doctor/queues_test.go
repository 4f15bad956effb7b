package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

type queueFunc func(url string) (visible, notVisible string, err error)

func (f queueFunc) GetQueueAttributes(_ context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	visible, notVisible, err := f(*in.QueueUrl)
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{
		"ApproximateNumberOfMessages": visible, "ApproximateNumberOfMessagesNotVisible": notVisible,
	}}, err
}

var checksOfQueues = map[string]func(context.Context, queuesAPI, *stack) ([]Finding, error){
	"deferred": checkDeferred, "dead": checkDeadLetters, "undelivered": checkUndelivered,
}

func TestQueues(t *testing.T) {
	for _, test := range []struct {
		visible, notVisible string
		deferred, dead      string
		undelivered         string
	}{
		{"0", "0", "", "", ""},
		{"2", "0", "warning", "fault", "warning"},
		{"0", "3", "warning", "fault", "warning"},
	} {
		api := queueFunc(func(string) (string, string, error) { return test.visible, test.notVisible, nil })
		for name, want := range map[string]string{"deferred": test.deferred, "dead": test.dead, "undelivered": test.undelivered} {
			found, err := checksOfQueues[name](t.Context(), api, healthyStack())
			if got := summary(t, found); err != nil || (want == "") != (got == "") || !strings.HasPrefix(got, want) {
				t.Errorf("%s queue with %s and %s messages: found %q, %v; want %q", name, test.visible, test.notVisible, got, err, want)
			}
		}
	}
	for name, api := range map[string]queueFunc{
		"denied":    func(string) (string, string, error) { return "", "", opstest.APIError("AccessDenied") },
		"no number": func(string) (string, string, error) { return "", "0", nil },
	} {
		for queue, check := range checksOfQueues {
			if found, err := check(t.Context(), api, healthyStack()); err == nil {
				t.Errorf("%s, %s: found %v, want an error", queue, name, found)
			}
		}
	}
}

func TestDeadLettersAreMovedByACommand(t *testing.T) {
	api := queueFunc(func(url string) (string, string, error) {
		if !strings.HasSuffix(url, "/dead") {
			t.Errorf("asked for %s", url)
		}
		return "1", "0", nil
	})
	found, err := checkDeadLetters(t.Context(), api, healthyStack())
	want := "aws sqs start-message-move-task --source-arn arn:aws:sqs:us-east-1:123456789012:dead --destination-arn arn:aws:sqs:us-east-1:123456789012:starts "
	if err != nil || len(found) != 1 || !strings.HasPrefix(found[0].Mend, want) {
		t.Errorf("found %s, %v; want %s", summary(t, found), err, want)
	}
}

func TestUndeliveredEventsAreThoseOfTheAnalyticsRule(t *testing.T) {
	var asked string
	api := queueFunc(func(url string) (string, string, error) {
		asked = url
		return "1", "0", nil
	})
	found, err := checkUndelivered(t.Context(), api, healthyStack())
	if got := summary(t, found); err != nil || !strings.HasSuffix(asked, "/events") || !strings.Contains(got, "--queue-url "+asked) {
		t.Errorf("asked for %s, found %s, %v", asked, got, err)
	}
	without := healthyStack()
	without.resources = nil
	if found, err := checkUndelivered(t.Context(), api, without); err != nil || len(found) != 1 || found[0].Verdict != OK {
		t.Errorf("without the queue: found %s, %v", summary(t, found), err)
	}
}

type mappingsFunc func() ([]lambdatypes.EventSourceMappingConfiguration, error)

func (f mappingsFunc) ListEventSourceMappings(_ context.Context, in *lambda.ListEventSourceMappingsInput, _ ...func(*lambda.Options)) (*lambda.ListEventSourceMappingsOutput, error) {
	if *in.FunctionName != "startdeferred" || *in.EventSourceArn != "arn:aws:sqs:us-east-1:123456789012:starts" {
		return nil, opstest.APIError("InvalidParameterValueException")
	}
	mappings, err := f()
	return &lambda.ListEventSourceMappingsOutput{EventSourceMappings: mappings}, err
}

func TestMapping(t *testing.T) {
	for state, want := range map[string]string{
		"Enabled": "", "Updating": "", "Enabling": "", "Creating": "",
		"Disabled": "update-event-source-mapping --enabled --uuid id", "Disabling": "--enabled", "Deleting": "fault",
		"": "create-event-source-mapping --event-source-arn arn:aws:sqs:us-east-1:123456789012:starts --function-name startdeferred",
	} {
		found, err := checkMapping(t.Context(), mappingsFunc(func() ([]lambdatypes.EventSourceMappingConfiguration, error) {
			if state == "" {
				return nil, nil
			}
			return []lambdatypes.EventSourceMappingConfiguration{{State: &state, UUID: aws.String("id")}}, nil
		}), healthyStack())
		if got := summary(t, found); err != nil || (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("state %q: found %q, %v; want %q", state, got, err, want)
		}
	}
	denied := mappingsFunc(func() ([]lambdatypes.EventSourceMappingConfiguration, error) {
		return nil, opstest.APIError("AccessDeniedException")
	})
	if _, err := checkMapping(t.Context(), denied, healthyStack()); err == nil {
		t.Error("a denied call is no error")
	}
}

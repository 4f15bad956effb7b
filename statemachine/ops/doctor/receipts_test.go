package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// receipts has a configuration set with destinations; without options there is none.
type receipts struct {
	options      *types.SendingOptions
	destinations []types.EventDestination
	err          error
}

func (r receipts) GetConfigurationSet(context.Context, *sesv2.GetConfigurationSetInput, ...func(*sesv2.Options)) (*sesv2.GetConfigurationSetOutput, error) {
	if r.options == nil {
		return nil, &types.NotFoundException{}
	}
	return &sesv2.GetConfigurationSetOutput{SendingOptions: r.options}, nil
}

func (r receipts) GetConfigurationSetEventDestinations(context.Context, *sesv2.GetConfigurationSetEventDestinationsInput, ...func(*sesv2.Options)) (*sesv2.GetConfigurationSetEventDestinationsOutput, error) {
	return &sesv2.GetConfigurationSetEventDestinationsOutput{EventDestinations: r.destinations}, r.err
}

func TestReceipts(t *testing.T) {
	sends, bus := &types.SendingOptions{SendingEnabled: true}, &types.EventBridgeDestination{EventBusArn: aws.String("arn")}
	destination := func(d types.EventDestination) []types.EventDestination { return []types.EventDestination{d} }
	k := healthyStack()
	for _, test := range []struct {
		name string
		api  receipts
		want string
	}{
		{"all well", receipts{sends, destination(types.EventDestination{Enabled: true, EventBridgeDestination: bus, MatchingEventTypes: told}), nil}, ""},
		{"no set", receipts{}, "fault: the configuration set onboarding-mail does not exist"},
		{"paused", receipts{&types.SendingOptions{}, destination(types.EventDestination{Enabled: true, EventBridgeDestination: bus, MatchingEventTypes: told}), nil}, "put-configuration-set-sending-options --sending-enabled --configuration-set-name onboarding-mail"},
		{"no destination", receipts{sends, nil, nil}, "SEND, REJECT, BOUNCE, COMPLAINT, DELIVERY, DELIVERY_DELAY"},
		{"disabled", receipts{sends, destination(types.EventDestination{EventBridgeDestination: bus, MatchingEventTypes: told}), nil}, "EventBridge of SEND"},
		{"elsewhere", receipts{sends, destination(types.EventDestination{Enabled: true, MatchingEventTypes: told}), nil}, "EventBridge of SEND"},
		{"some events", receipts{sends, destination(types.EventDestination{Enabled: true, EventBridgeDestination: bus, MatchingEventTypes: told[:5]}), nil}, "EventBridge of DELIVERY_DELAY of"},
	} {
		found, err := checkReceipts(t.Context(), test.api, k)
		if got := summary(t, found); err != nil || !strings.Contains(got, test.want) || (test.want == "") != (len(found) == 0) {
			t.Errorf("%s: found %q, %v; want %q", test.name, got, err, test.want)
		}
	}
	if _, err := checkReceipts(t.Context(), receipts{sends, nil, opstest.APIError("AccessDeniedException")}, k); err == nil {
		t.Error("a denied call is no error")
	}
	k.resources = nil
	if _, err := checkReceipts(t.Context(), receipts{}, k); err == nil {
		t.Error("a stack without the set is no error")
	}
}

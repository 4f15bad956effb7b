package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

type receiptsAPI interface {
	GetConfigurationSet(context.Context, *sesv2.GetConfigurationSetInput, ...func(*sesv2.Options)) (*sesv2.GetConfigurationSetOutput, error)
	GetConfigurationSetEventDestinations(context.Context, *sesv2.GetConfigurationSetEventDestinationsInput, ...func(*sesv2.Options)) (*sesv2.GetConfigurationSetEventDestinationsOutput, error)
}

// told is what SES has to tell of the welcome mails.
var told = []types.EventType{
	types.EventTypeSend, types.EventTypeReject, types.EventTypeBounce, types.EventTypeComplaint, types.EventTypeDelivery, types.EventTypeDeliveryDelay,
}

// checkReceipts checks that the configuration set of the welcome mails sends, and that
// SES tells EventBridge what becomes of them. The rule is one of those of checkEvents.
func checkReceipts(ctx context.Context, api receiptsAPI, k *stack) ([]Finding, error) {
	set, err := k.physical("MailConfigurationSet")
	if err != nil {
		return nil, err
	}
	options, err := api.GetConfigurationSet(ctx, &sesv2.GetConfigurationSetInput{ConfigurationSetName: &set})
	if _, none := errors.AsType[*types.NotFoundException](err); none {
		return []Finding{fault("the configuration set "+set+" does not exist, so that SES takes no mail", mendDeleted)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get configuration set: %w", err)
	}
	var found []Finding
	if options.SendingOptions != nil && !options.SendingOptions.SendingEnabled {
		found = append(found, fault("sending is paused for the configuration set "+set,
			"aws sesv2 put-configuration-set-sending-options --sending-enabled --configuration-set-name "+quote(set)))
	}
	out, err := api.GetConfigurationSetEventDestinations(ctx, &sesv2.GetConfigurationSetEventDestinationsInput{ConfigurationSetName: &set})
	if err != nil {
		return found, fmt.Errorf("get event destinations: %w", err)
	}
	if missing := untold(out.EventDestinations); len(missing) > 0 {
		found = append(found, fault("SES does not tell EventBridge of "+strings.Join(missing, ", ")+" of the configuration set "+set+
			": nobody knows of these mails, and one whose answer is lost is sent twice", mendDeleted))
	}
	return found, nil
}

// untold are the types of events that no destination takes to EventBridge.
func untold(destinations []types.EventDestination) (missing []string) {
	for _, kind := range told {
		if !slices.ContainsFunc(destinations, func(d types.EventDestination) bool {
			return d.Enabled && d.EventBridgeDestination != nil && slices.Contains(d.MatchingEventTypes, kind)
		}) {
			missing = append(missing, string(kind))
		}
	}
	return missing
}

package cognito

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

// Fixed keeps the settings of a pool that UpdateUserPool has no parameters for,
// because they are fixed when the pool is made
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-updating.html).
// The backend forgets them: it takes the parameters of an update for all that the
// pool has (update_extended_config in moto/cognitoidp/models.py). But it takes any
// parameter, so they are sent along.
type Fixed struct {
	// Backend is the API of the backend itself: its calls pass no gateway.
	Backend *cognitoidentityprovider.Client
}

// Complete implements gateway.Completer.
func (f *Fixed) Complete(ctx context.Context, call gateway.Call) ([]byte, error) {
	if call.Action != "UpdateUserPool" {
		return call.Body, nil
	}
	var body map[string]json.RawMessage
	var req request
	if err := errors.Join(call.Decode(&body), call.Decode(&req)); err != nil {
		return call.Body, nil //nolint:nilerr // the backend tells the caller what is wrong with the call
	}
	described, err := f.Backend.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &req.UserPoolID})
	if err != nil {
		return call.Body, nil //nolint:nilerr // likewise
	}
	pool := described.UserPool
	for name, value := range map[string]any{
		"AliasAttributes": pool.AliasAttributes, "UsernameAttributes": pool.UsernameAttributes,
		"UsernameConfiguration": pool.UsernameConfiguration,
	} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("marshal %s: %w", name, err)
		}
		if delete(body, name); string(text) != "null" {
			body[name] = text
		}
	}
	completed, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("marshal the completed call: %w", err)
	}
	return completed, nil
}

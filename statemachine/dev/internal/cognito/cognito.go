// Package cognito does what Amazon Cognito does and the backend does not: when a
// user is confirmed, it marks the address as verified and invokes the
// PostConfirmation trigger that the pool names; and it keeps what an update of a
// pool cannot change.
package cognito

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

// How Cognito invokes a trigger: it waits 5 seconds, three times at the most
// (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html).
const (
	triggerTimeout  = 5 * time.Second
	triggerAttempts = 3
)

// sources are the calls that the trigger is invoked for.
var sources = map[string]string{
	"ConfirmSignUp":         "PostConfirmation_ConfirmSignUp",
	"AdminConfirmSignUp":    "PostConfirmation_ConfirmSignUp",
	"ConfirmForgotPassword": "PostConfirmation_ConfirmForgotPassword",
}

// request has what the calls name.
type request struct {
	UserPoolID     string `json:"UserPoolId"`
	ClientID       string `json:"ClientId"`
	Username       string
	ClientMetadata map[string]string
}

// Confirmations implements gateway.Confirmer.
type Confirmations struct {
	// Backend is the API of the backend itself: its calls pass no gateway.
	Backend *cognitoidentityprovider.Client
	// Functions invokes the trigger, through the gateway like everybody.
	Functions *lambda.Client
	Region    string
}

// Before refuses to confirm a user who is confirmed already, as Cognito does.
func (c *Confirmations) Before(ctx context.Context, call gateway.Call) error {
	if call.Action != "ConfirmSignUp" && call.Action != "AdminConfirmSignUp" {
		return nil
	}
	req, err := c.parse(ctx, call)
	if err != nil {
		return nil //nolint:nilerr // the backend tells the caller what is wrong with the call
	}
	user, err := c.user(ctx, req)
	if err != nil {
		return nil //nolint:nilerr // likewise
	}
	if user.UserStatus == types.UserStatusTypeConfirmed {
		return &gateway.APIError{
			Status: http.StatusBadRequest, Code: "NotAuthorizedException",
			Message: "User cannot be confirmed. Current status is CONFIRMED",
		}
	}
	return nil
}

// After acts on a confirmation: see the package comment. It returns what Cognito
// answers to the caller when the trigger fails; the user is confirmed then all
// the same.
func (c *Confirmations) After(ctx context.Context, call gateway.Call) error {
	source, ok := sources[call.Action]
	if !ok {
		return nil
	}
	req, err := c.parse(ctx, call)
	if err != nil {
		return err
	}
	pool, err := c.Backend.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &req.UserPoolID})
	if err != nil {
		return fmt.Errorf("describe user pool: %w", err)
	}
	if call.Action == "ConfirmSignUp" {
		if err := c.verifyEmail(ctx, req, pool.UserPool); err != nil {
			return err
		}
	}
	if pool.UserPool.LambdaConfig == nil || pool.UserPool.LambdaConfig.PostConfirmation == nil {
		return nil
	}
	event, err := c.event(ctx, source, req)
	if err != nil {
		return err
	}
	return c.trigger(ctx, *pool.UserPool.LambdaConfig.PostConfirmation, event)
}

func (c *Confirmations) parse(ctx context.Context, call gateway.Call) (request, error) {
	var req request
	if err := call.Decode(&req); err != nil {
		return request{}, err
	}
	if req.UserPoolID != "" {
		req.ClientID = "CLIENT_ID_NOT_APPLICABLE" // as Cognito says for an administrator's call
		return req, nil
	}
	var err error
	req.UserPoolID, err = c.poolOf(ctx, req.ClientID)
	return req, err
}

// poolOf returns the ID of the pool that the app client is in.
func (c *Confirmations) poolOf(ctx context.Context, clientID string) (string, error) {
	pools, err := c.Backend.ListUserPools(ctx, &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(60)})
	if err != nil {
		return "", fmt.Errorf("list user pools: %w", err)
	}
	for _, pool := range pools.UserPools {
		_, err := c.Backend.DescribeUserPoolClient(ctx, &cognitoidentityprovider.DescribeUserPoolClientInput{
			UserPoolId: pool.Id, ClientId: aws.String(clientID),
		})
		if err == nil {
			return *pool.Id, nil
		}
	}
	return "", fmt.Errorf("no user pool has the app client %s", clientID)
}

func (c *Confirmations) user(ctx context.Context, req request) (*cognitoidentityprovider.AdminGetUserOutput, error) {
	user, err := c.Backend.AdminGetUser(ctx, &cognitoidentityprovider.AdminGetUserInput{
		UserPoolId: &req.UserPoolID, Username: &req.Username,
	})
	if err != nil {
		return nil, fmt.Errorf("get user: %w", err)
	}
	return user, nil
}

// verifyEmail marks the address as verified if the pool verifies addresses: the
// code of ConfirmSignUp came to that address.
func (c *Confirmations) verifyEmail(ctx context.Context, req request, pool *types.UserPoolType) error {
	if !slices.Contains(pool.AutoVerifiedAttributes, types.VerifiedAttributeTypeEmail) {
		return nil
	}
	_, err := c.Backend.AdminUpdateUserAttributes(ctx, &cognitoidentityprovider.AdminUpdateUserAttributesInput{
		UserPoolId: &req.UserPoolID, Username: &req.Username,
		UserAttributes: []types.AttributeType{{Name: aws.String("email_verified"), Value: aws.String("true")}},
	})
	if err != nil {
		return fmt.Errorf("verify address: %w", err)
	}
	return nil
}

func (c *Confirmations) event(ctx context.Context, source string, req request) ([]byte, error) {
	user, err := c.user(ctx, req)
	if err != nil {
		return nil, err
	}
	attributes := map[string]string{"cognito:user_status": string(user.UserStatus)}
	for _, a := range user.UserAttributes {
		attributes[*a.Name] = aws.ToString(a.Value)
	}
	eventRequest := map[string]any{"userAttributes": attributes}
	if req.ClientMetadata != nil {
		eventRequest["clientMetadata"] = req.ClientMetadata
	}
	event, err := json.Marshal(map[string]any{
		"version":       "1",
		"region":        c.Region,
		"userPoolId":    req.UserPoolID,
		"userName":      *user.Username,
		"callerContext": map[string]string{"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": req.ClientID},
		"triggerSource": source,
		"request":       eventRequest,
		"response":      map[string]any{},
	})
	if err != nil {
		return nil, fmt.Errorf("marshal event: %w", err)
	}
	return event, nil
}

// trigger invokes the function until it answers in time.
func (c *Confirmations) trigger(ctx context.Context, arn string, event []byte) error {
	for range triggerAttempts {
		out, err := c.attempt(ctx, arn, event)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			continue
		}
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			return unexpected(errorCode(err))
		}
		return judge(out)
	}
	return unexpected("Socket timeout while invoking Lambda function")
}

func (c *Confirmations) attempt(ctx context.Context, arn string, event []byte) (*lambda.InvokeOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, triggerTimeout)
	defer cancel()
	out, err := c.Functions.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(arn), Payload: event})
	if err != nil {
		return nil, fmt.Errorf("invoke trigger: %w", err)
	}
	return out, nil
}

func judge(out *lambda.InvokeOutput) error {
	if out.FunctionError != nil {
		var failure struct {
			ErrorMessage string `json:"errorMessage"`
		}
		if json.Unmarshal(out.Payload, &failure) != nil {
			failure.ErrorMessage = "unknown"
		}
		return gateway.BadRequest("UserLambdaValidationException", "PostConfirmation failed with error "+failure.ErrorMessage+".")
	}
	var event map[string]json.RawMessage
	if json.Unmarshal(out.Payload, &event) != nil || event["response"] == nil {
		return gateway.BadRequest("InvalidLambdaResponseException", "Unrecognizable lambda output")
	}
	return nil
}

// unexpected is Cognito's answer when it could not invoke the function. As it is
// no 500, clients do not repeat the confirmation, which would be refused because
// the user is confirmed already.
func unexpected(reason string) error {
	return gateway.BadRequest("UnexpectedLambdaException", "PostConfirmation invocation failed due to error "+reason+".")
}

func errorCode(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return err.Error()
}
